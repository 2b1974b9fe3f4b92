// The host of Mini Apps: a page of this server in a frame, with the buttons around it that a client has. The frame talks to it by
// messages as in Telegram's clients in a browser (https://core.telegram.org/api/web-events), and may do no more than there.

import { byId, make } from './dom.js';
import { openApp } from './server.js';
import { toast } from './notices.js';
import { word } from './words.js';

/** As in Telegram's clients: scripts of its own, but no downloads and no way to take over this page. */
const SANDBOX = 'allow-scripts allow-same-origin allow-forms allow-popups';
const NO_INSETS = { top: 0, bottom: 0, left: 0, right: 0 };

const dialog = byId('webapp');
const stage = byId('webapp-stage');
const popup = byId('webapp-popup');
let frame = null;
let needsConfirmation = false;

/** Opens a Mini App by the address of its button; without one, the blank canvas. */
export async function openMiniApp(address) {
  let url;
  try {
    ({ url } = await openApp(address, JSON.stringify(themeParams())));
  } catch {
    toast(word('page-not-sent'));
    return;
  }
  close();
  frame = make('iframe', { title: word('page-editor'), src: url, allow: 'clipboard-write' });
  frame.setAttribute('sandbox', SANDBOX);
  stage.replaceChildren(frame);
  dialog.showModal();
}

/** Connects the frame's messages and the buttons around it. */
export function startMiniApps() {
  window.addEventListener('message', ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== location.origin) return;
    const message = parsed(data);
    if (!message) return;
    record('from', message.eventType, message.eventData);
    handlers[message.eventType]?.(message.eventData ?? {});
  });
  byId('webapp-close').addEventListener('click', leave);
  byId('webapp-back').addEventListener('click', () => send('back_button_pressed'));
  byId('webapp-main').addEventListener('click', () => send('main_button_pressed'));
  byId('webapp-secondary').addEventListener('click', () => send('secondary_button_pressed'));
  dialog.addEventListener('cancel', (event) => { event.preventDefault(); leave(); });
  new ResizeObserver(sendViewport).observe(stage);
  new MutationObserver(() => send('theme_changed', { theme_params: themeParams() }))
    .observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  document.addEventListener('visibilitychange', () => send('visibility_changed', { is_visible: !document.hidden }));
  byId('editor').addEventListener('click', () => openMiniApp());
}

const handlers = {
  web_app_close: close,
  web_app_request_theme: () => send('theme_changed', { theme_params: themeParams() }),
  web_app_request_viewport: sendViewport,
  web_app_request_safe_area: () => send('safe_area_changed', NO_INSETS),
  web_app_request_content_safe_area: () => send('content_safe_area_changed', NO_INSETS),
  web_app_setup_back_button: ({ is_visible: isVisible }) => { byId('webapp-back').hidden = !isVisible; },
  web_app_setup_main_button: (setup) => setButton(byId('webapp-main'), setup),
  web_app_setup_secondary_button: (setup) => setButton(byId('webapp-secondary'), setup),
  web_app_setup_closing_behavior: ({ need_confirmation: need }) => { needsConfirmation = Boolean(need); },
  web_app_open_popup: openPopup,
  web_app_open_link: ({ url }) => { if (/^https?:/i.test(url ?? '')) window.open(url, '_blank', 'noopener'); },
  web_app_request_file_download: download,
  web_app_request_fullscreen: () => send('fullscreen_failed', { error: 'UNSUPPORTED' }),
};

function parsed(data) {
  try {
    const message = JSON.parse(data);
    return typeof message?.eventType === 'string' ? message : null;
  } catch {
    return null;
  }
}

function send(eventType, eventData = {}) {
  if (!frame?.contentWindow) return;
  record('to', eventType, eventData);
  frame.contentWindow.postMessage(JSON.stringify({ eventType, eventData }), location.origin);
}

/** Tests compare the messages with those that the platform documents. */
function record(direction, type, data) {
  dialog.dispatchEvent(new CustomEvent('miniapp', { detail: { direction, type, data } }));
}

function sendViewport() {
  const { width, height } = stage.getBoundingClientRect();
  send('viewport_changed', { width, height, is_expanded: true, is_state_stable: true });
}

function setButton(element, setup) {
  const { is_visible: isVisible, is_active: isActive, text, is_progress_visible: isBusy } = setup;
  element.hidden = !isVisible || !text;
  element.disabled = isActive === false;
  element.classList.toggle('waiting', Boolean(isBusy));
  element.textContent = text ?? '';
  element.style.backgroundColor = setup.color ?? '';
  element.style.color = setup.text_color ?? '';
}

function download({ url, file_name: name }) {
  const address = URL.canParse(url, location.href) ? new URL(url, location.href) : null;
  const isOwn = address?.origin === location.origin;
  if (isOwn) make('a', { href: address.href, download: name ?? '' }).click();
  send('file_download_requested', { status: isOwn ? 'downloading' : 'cancelled' });
}

/** Shows a question of the Mini App; the answer goes back to it. */
function openPopup({ title, message, buttons }) {
  askWith(title, message, buttons ?? [{ id: '', type: 'ok' }], (id) => send('popup_closed', { button_id: id }));
}

function askWith(title, message, buttons, answered) {
  byId('webapp-popup-title').textContent = title ?? '';
  byId('webapp-popup-text').textContent = message ?? '';
  const labels = { ok: word('page-ok'), close: word('page-close'), cancel: word('page-cancel') };
  byId('webapp-popup-buttons').replaceChildren(...buttons.map(({ id, type, text }) =>
    make('button', { value: id ?? '', className: type === 'destructive' ? 'danger' : '' }, labels[type] ?? text ?? '')));
  popup.returnValue = '';
  popup.addEventListener('close', () => answered(popup.returnValue), { once: true });
  popup.showModal();
}

/** Closes it, after a question where the Mini App has asked for one. */
function leave() {
  if (!needsConfirmation) return close();
  const buttons = [{ id: 'leave', type: 'destructive', text: word('page-editor-leave') }, { id: '', type: 'cancel' }];
  askWith('', word('page-editor-unsaved'), buttons, (id) => { if (id === 'leave') close(); });
}

function close() {
  needsConfirmation = false;
  for (const id of ['webapp-main', 'webapp-secondary', 'webapp-back']) byId(id).hidden = true;
  stage.replaceChildren();
  frame = null;
  if (dialog.open) dialog.close();
}

/** The colours of the page under the names that clients have for them. */
function themeParams() {
  const probe = make('i', { hidden: true });
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    const numbers = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
    return `#${numbers.slice(0, 3).map((number) => Math.round(Number(number)).toString(16).padStart(2, '0')).join('')}`;
  };
  const params = {
    bg_color: colour('bar'), secondary_bg_color: colour('paper'), section_bg_color: colour('theirs'),
    header_bg_color: colour('bar'), bottom_bar_bg_color: colour('bar'), text_color: colour('ink'), hint_color: colour('soft'),
    subtitle_text_color: colour('soft'), link_color: colour('accent'), accent_text_color: colour('accent'),
    section_header_text_color: colour('accent'), section_separator_color: colour('line'),
    button_color: colour('accent'), button_text_color: colour('on-accent'), destructive_text_color: colour('danger'),
  };
  probe.remove();
  return params;
}
