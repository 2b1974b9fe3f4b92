// The bridge to Telegram: the documented web events, without its script. Does nothing in a plain browser.

/** @typedef {(data: any) => void} Listener */
/** @type {Map<string, Listener[]>} */
const listeners = new Map();
const KEY = 'editor.launch';
/** The last events sent, for `#debug`. @type {{eventType: string, eventData: unknown}[]} */
export const sent = [];

/** How the page was opened. @type {{initData: string, version: number, platform: string, start: string, code: string, theme: Record<string, string>}} */
export const launch = readLaunch();

/** Whether a client of Telegram is around the page. */
export const inTelegram = launch.platform !== '';

function readLaunch() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const query = new URLSearchParams(location.search);
  const debug = hash.has('debug');
  const [major = 0, minor = 0] = (hash.get('tgWebAppVersion') ?? '0').split('.').map(Number);
  const found = {
    initData: hash.get('tgWebAppData') ?? '',
    version: major * 100 + minor,
    platform: hash.get('tgWebAppPlatform') ?? '',
    start: hash.get('tgWebAppStartParam') ?? hash.get('start') ?? query.get('ref') ?? '',
    code: hash.get('k') ?? '',
    theme: parse(hash.get('tgWebAppThemeParams')),
  };
  // What signs the person in stays neither in the history nor in copied links.
  if (location.hash || location.search) history.replaceState(null, '', location.pathname + (debug ? '#debug' : ''));
  try {
    if (found.platform) sessionStorage.setItem(KEY, JSON.stringify({ ...found, initData: '', start: '', code: '' }));
    else if (!found.code) return { ...found, ...parse(sessionStorage.getItem(KEY)), start: found.start };
  } catch { /* Then a reload forgets the colours. */ }
  return found;
}

/** @param {string | null} text @returns {any} */
function parse(text) {
  try { return JSON.parse(text ?? '{}') ?? {}; } catch { return {}; }
}

/** Whether the client knows what came with a version, such as 7.7. @param {number} major @param {number} minor */
export const knows = (major, minor) => inTelegram && launch.version >= major * 100 + minor;

/** @param {string} eventType @param {unknown} [eventData] */
export function send(eventType, eventData) {
  if (!inTelegram) return;
  sent.push({ eventType, eventData });
  if (sent.length > 200) sent.shift();
  const outer = /** @type {any} */ (window);
  if (outer.TelegramWebviewProxy) outer.TelegramWebviewProxy.postEvent(eventType, JSON.stringify(eventData ?? {}));
  else if (outer.external && 'notify' in outer.external) outer.external.notify(JSON.stringify({ eventType, eventData: eventData ?? '' }));
  // Who may hold the page in a frame is said by its headers.
  else if (parent !== window) parent.postMessage(JSON.stringify({ eventType, eventData: eventData ?? '' }), '*');
}

/** @param {string} event @param {Listener} act */
export function on(event, act) { listeners.set(event, [...(listeners.get(event) ?? []), act]); }

/** @param {string} event @param {any} data */
function receive(event, data) { for (const act of listeners.get(event) ?? []) act(data ?? {}); }

/** Begins to listen and tells the client what the page wants of it. */
export function start() {
  if (!inTelegram) return;
  const outer = /** @type {any} */ (window);
  outer.TelegramGameProxy_receiveEvent = receive;
  outer.TelegramGameProxy = { receiveEvent: receive };
  outer.Telegram = { WebView: { receiveEvent: receive } };
  addEventListener('message', ({ source, data }) => {
    if (source !== parent || typeof data !== 'string') return;
    const { eventType, eventData } = parse(data);
    if (typeof eventType === 'string') receive(eventType, eventData);
  });
  on('theme_changed', ({ theme_params: theme }) => applyTheme(theme ?? {}));
  on('viewport_changed', ({ height, is_state_stable: stable }) => stable && setLength('--app-height', height));
  on('safe_area_changed', (area) => setArea('--safe', area));
  on('content_safe_area_changed', (area) => setArea('--content', area));
  on('reload_iframe', () => {
    send('iframe_will_reload');
    location.reload();
  });
  applyTheme(launch.theme);
  if (parent !== window) send('iframe_ready', { reload_supported: true });
  send('web_app_ready');
  send('web_app_expand');
  send('web_app_request_theme');
  send('web_app_request_viewport');
  if (knows(7, 7)) send('web_app_setup_swipe_behavior', { allow_vertical_swipe: false });
  if (knows(8, 0)) {
    send('web_app_request_safe_area');
    send('web_app_request_content_safe_area');
  }
}

/** @param {string} name @param {number} value */
const setLength = (name, value) => document.documentElement.style.setProperty(name, `${value}px`);

/** @param {string} name @param {Record<string, number>} area */
function setArea(name, area) {
  for (const side of ['top', 'bottom', 'left', 'right']) setLength(`${name}-${side}`, Number(area[side]) || 0);
}

/** Native buttons. Each is told to the client only when it changes. @type {Map<string, string>} */
const told = new Map();

/** @param {string} event @param {object} data */
function once(event, data) {
  const text = JSON.stringify(data);
  if (told.get(event) === text) return;
  told.set(event, text);
  send(event, data);
}

/** @param {{visible: boolean, text: string, active: boolean, busy: boolean}} button */
export function mainButton({ visible, text, active, busy }) {
  const { button: color, ink } = colours();
  once('web_app_setup_main_button', { is_visible: visible && text !== '', text, is_active: active, is_progress_visible: busy, color, text_color: ink });
}

/** @param {boolean} visible @param {string} text */
export function secondaryButton(visible, text) {
  if (knows(7, 10)) once('web_app_setup_secondary_button', { is_visible: visible, text, is_active: true, is_progress_visible: false, position: 'top' });
}

/** @param {boolean} visible */
export const backButton = (visible) => knows(6, 1) && once('web_app_setup_back_button', { is_visible: visible });
/** @param {boolean} needed */
export const closingConfirmation = (needed) => knows(6, 2) && once('web_app_setup_closing_behavior', { need_confirmation: needed });
/** A tick in the hand. @param {'selection' | 'success'} kind */
export const haptic = (kind) => knows(6, 1) && send('web_app_trigger_haptic_feedback', kind === 'selection' ? { type: 'selection_change' } : { type: 'notification', notification_type: kind });

/** @param {string} hex @returns {number[] | null} */
function channels(hex) {
  const found = /^#?([0-9a-f]{6})$/i.exec(hex ?? '');
  return found ? [0, 2, 4].map((at) => parseInt(/** @type {string} */ (found[1]).slice(at, at + 2), 16)) : null;
}

/** @param {number[]} rgb */
function luminance(rgb) {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {string} a @param {string} b @returns {number} 1 to 21 */
export function contrast(a, b) {
  const [low = 0, high = 0] = [a, b].map((hex) => luminance(channels(hex) ?? [0, 0, 0])).sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** @param {string} a @param {string} b @param {number} share of b */
function mix(a, b, share) {
  const to = channels(b) ?? [0, 0, 0];
  return `#${(channels(a) ?? to).map((value, i) => Math.round(value + (to[i] - value) * share).toString(16).padStart(2, '0')).join('')}`;
}

/** The colour itself if it can be read on the ground; else one between it and black or white that can. @param {string} ink @param {string} ground @param {number} least */
export function readable(ink, ground, least = 4.5) {
  const far = contrast('#000000', ground) > contrast('#ffffff', ground) ? '#000000' : '#ffffff';
  for (let share = 0; share < 1; share += 0.1) {
    const mixed = mix(channels(ink) ? ink : far, far, share);
    if (contrast(mixed, ground) >= least) return mixed;
  }
  return far;
}

/** @type {Record<string, string>} */
let theme = {};

function colours() {
  const button = channels(theme['button_color'] ?? '') ? /** @type {string} */ (theme['button_color']) : '#3450c4';
  return { button, ink: readable(theme['button_text_color'] ?? '#ffffff', button) };
}

/** Takes over the client's colours, corrected where they could not be read. @param {Record<string, string>} params */
export function applyTheme(params) {
  theme = params;
  const root = document.documentElement;
  const ground = params['bg_color'] ?? '';
  const rgb = channels(ground);
  if (!rgb) return;
  const bar = channels(params['secondary_bg_color'] ?? '') ? /** @type {string} */ (params['secondary_bg_color']) : ground;
  root.dataset['theme'] = luminance(rgb) < 0.2 ? 'dark' : 'light';
  // Fields and chips lie between the ground and its opposite.
  const far = luminance(rgb) < 0.2 ? '#ffffff' : '#000000';
  const [raised, line, edge] = [mix(ground, far, 0.06), mix(ground, far, 0.13), mix(ground, far, 0.48)];
  const clear = (/** @type {string} */ color) => [bar, raised, ground].reduce((now, one) => readable(now, one), color);
  const { button, ink: onButton } = colours();
  const ink = clear(params['text_color'] ?? far);
  const values = { bar: ground, paper: bar, raised, line, edge, glass: ground, sheet: ground, ink, soft: clear(params['hint_color'] ?? ink), accent: clear(params['link_color'] ?? button), button, 'on-button': onButton };
  for (const [name, value] of Object.entries(values)) root.style.setProperty(`--${name}`, value);
  if (knows(6, 1)) once('web_app_set_header_color', { color: ground });
  if (knows(7, 10)) once('web_app_set_bottom_bar_color', { color: ground });
}
