// The panel: description, proportions, strength, shares of a mix and what is rarely needed; and the main button.

import { go, stop } from './drawing.js';
import { button, byId, fill, icon, image, make } from './dom.js';
import { openGallery } from './gallery.js';
import { takeChosen } from './results.js';
import { buildStyles } from './styles.js';
import { busy, now, update, watch } from './state.js';
import { plan } from './task.js';
import { inTelegram, mainButton } from './telegram.js';
import { sendFile } from './work.js';
import { label, word } from './words.js';
import { maskBesideWindow } from './tools.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {'strength' | 'closeness' | 'ownWeight' | 'textWeight'} Percent */

export const phone = matchMedia('(max-width: 899px)');
/** rudalle's three widths, as shapes: sides end at 1024. */
const WIDTHS = /** @type {const} */ ([['1:1', 'editor-width-square'], ['3:2', 'editor-width-wide'], ['2:1', 'editor-width-panorama']]);
const IDEAS = /** @type {const} */ (['editor-idea-1', 'editor-idea-2', 'editor-idea-3', 'editor-idea-4']);

export function buildPanel() {
  buildPrompt();
  buildStyles();
  buildRatio();
  buildSliders();
  buildTray();
  buildMore();
  buildMain();
  buildInvitation();
}

const promptField = () => /** @type {HTMLTextAreaElement} */ (byId('prompt'));

function buildPrompt() {
  const field = promptField();
  field.addEventListener('input', () => update({ prompt: field.value }));
  field.addEventListener('focus', () => { if (phone.matches) update({ sheet: 'full' }); });
  watch(['prompt', 'session', 'language'], ({ prompt, session }) => {
    const most = session?.limits['prompt'] ?? 1000;
    if (field.value !== prompt) field.value = prompt;
    field.maxLength = most;
    byId('letters').textContent = `${[...prompt].length}/${most}`;
  });
  watch(['picture', 'language'], ({ picture }) => { field.placeholder = word(picture ? 'editor-prompt-hint-picture' : 'editor-prompt-hint'); });
}

/** The words that name a group of chips. @param {string} id @param {string} text @param {HTMLElement[]} content */
function group(id, text, content) {
  byId(id).replaceChildren(make('h2', {}, text), make('div', { className: 'chips', role: 'group', 'aria-label': text }, ...content));
}

/** @param {string} text @param {boolean} on @param {() => void} act @param {(Node | false)[]} [before] */
const chip = (text, on, act, before = []) => button('chip', [...before, text], act, { 'aria-pressed': String(on) });

function buildRatio() {
  const shape = (/** @type {string} */ ratio) => {
    const [a = 1, b = 1] = ratio.split(':').map(Number);
    const box = make('i', { className: 'shape', 'aria-hidden': 'true' });
    box.style.aspectRatio = `${a} / ${b}`;
    box.style[a >= b ? 'width' : 'height'] = '16px';
    return box;
  };
  watch(['ratio', 'session', 'language', 'picture', 'parts'], ({ ratio, session, picture, parts }) => {
    byId('ratio').hidden = picture !== null && parts.length === 0;
    const ratios = session?.ratios ?? [];
    const focused = byId('ratio').contains(document.activeElement) ? [...byId('ratio').querySelectorAll('button')].indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)) : -1;
    const widths = WIDTHS.filter(([name]) => !ratios.includes(name));
    const own = [...ratios, ...widths.map(([name]) => name)].includes(ratio) ? '' : ratio;
    const field = make('input', { className: 'field tiny', value: own, placeholder: '4:3', maxLength: 7, 'aria-label': word('editor-ratio-own'), inputMode: 'text', on: { change: () => {
      const [, a, b] = /^\s*(\d{1,3})\s*[:x×х/]\s*(\d{1,3})\s*$/.exec(field.value) ?? [];
      const good = a && b && Math.max(+a, +b) <= 4 * Math.min(+a, +b);
      if (good) update({ ratio: `${+a}:${+b}` });
      field.setAttribute('aria-invalid', String(!good));
    } } });
    group('ratio', word('editor-ratio'), [
      ...ratios.map((one) => chip(one, one === ratio, () => update({ ratio: one }), [shape(one)])),
      ...widths.map(([one, text]) => chip(word(text), one === ratio, () => update({ ratio: one }), [shape(one)])), field]);
    byId('ratio').querySelectorAll('button')[focused]?.focus();
  });
}

/** A slider with its name and value. @param {string} id @param {string} name @param {Percent} key @param {number} least @param {number} most */
function slider(id, name, key, least, most) {
  const out = make('output', { htmlFor: `${id}-range` });
  const range = make('input', { id: `${id}-range`, type: 'range', min: String(least), max: String(most), step: '5', on: { input: () => update({ [key]: Number(range.value) }) } });
  const text = make('label', { htmlFor: `${id}-range` });
  byId(id).replaceChildren(make('div', { className: 'row' }, text, out), range);
  watch([key, 'language'], (state) => {
    text.textContent = word(name);
    range.value = String(state[key]);
    out.textContent = word('editor-percent', { n: state[key] });
    range.setAttribute('aria-valuetext', out.textContent);
  });
}

function buildSliders() {
  slider('strength', 'editor-strength', 'strength', 5, 100);
  slider('closeness', 'editor-closeness', 'closeness', 0, 90);
  watch(['picture', 'prompt', 'maskEmpty', 'frame', 'frameLocked', 'parts', 'session'], (state) => {
    const { kind } = plan(state);
    byId('strength').hidden = kind !== 'change';
    byId('closeness').hidden = kind !== 'variation';
  });
  watch(['count', 'session', 'language'], ({ count, session }) => {
    const numbers = Array.from({ length: session?.limits['count'] ?? 4 }, (_, i) => i + 1);
    const had = byId('count').contains(document.activeElement);
    group('count', word('editor-count'), numbers.map((n) => chip(String(n), n === count, () => update({ count: n }))));
    if (had) byId('count').querySelectorAll('button')[count - 1]?.focus();
  });
}

/** Chooses a file and gives it to `act`. @param {(file: File) => void} act */
export function pickFile(act) {
  const input = make('input', { type: 'file', accept: 'image/png,image/jpeg,image/webp', on: { change: () => { if (input.files?.[0]) act(input.files[0]); } } });
  input.click();
}

/** @param {import('./state.js').Picture | null} picture */
export function addPart(picture) {
  const { parts, session } = now();
  if (picture && parts.length < (session?.limits['parts'] ?? 4) - 1) update({ parts: [...parts, { picture, weight: 50 }], layer: 'none' });
}

function buildTray() {
  watch(['parts', 'picture', 'language', 'session', 'ownWeight', 'textWeight', 'prompt'], ({ parts, picture, session, prompt, ...state }) => {
    const box = byId('tray');
    const focused = document.activeElement?.id;
    /** @param {string} id @param {Node} face @param {string} name @param {number} weight @param {(weight: number) => void} set @param {(() => void) | null} drop */
    const row = (id, face, name, weight, set, drop) => make('li', {}, face,
      make('input', { id, type: 'range', min: '5', max: '100', step: '5', value: String(weight), 'aria-label': word('editor-share-of', { name }), on: { change: (/** @type {Event} */ event) => set(Number(/** @type {HTMLInputElement} */ (event.target).value)) } }),
      make('output', {}, word('editor-percent', { n: Math.round((100 * weight) / sum) })),
      drop && button('icon', [icon('close')], drop, { 'aria-label': word('editor-part-remove', { name }) }));
    const said = prompt.trim() !== '';
    const sum = parts.reduce((all, part) => all + part.weight, 0) + (picture ? state.ownWeight : 0) + (said ? state.textWeight : 0);
    const set = (/** @type {number} */ at, /** @type {number} */ weight) => update({ parts: parts.map((part, i) => (i === at ? { ...part, weight } : part)) });
    const rows = [
      picture && row('own-share', image(picture.thumb, ''), word('editor-part-canvas'), state.ownWeight, (n) => update({ ownWeight: n }), null),
      ...parts.map((part, i) => row(`share-${i}`, image(part.picture.thumb, ''), word('editor-part-picture', { n: i + 1 }), part.weight, (n) => set(i, n), () => update({ parts: parts.filter((_, j) => j !== i) }))),
      said && row('text-share', make('span', { className: 'face' }, icon('text')), word('editor-part-text'), state.textWeight, (n) => update({ textWeight: n }), null)];
    const room = parts.length < (session?.limits['parts'] ?? 4) - 1;
    fill(box, make('h2', {}, word('editor-tray')),
      parts.length ? make('ul', { className: 'parts' }, ...rows) : make('p', { className: 'note' }, word('editor-tray-how')),
      room && make('div', { className: 'chips' },
        button('chip', [icon('photo'), word('editor-part-file')], () => pickFile(async (file) => addPart(await sendFile(file)))),
        button('chip', [icon('grid'), word('editor-part-mine')], () => openGallery('part'))));
    if (focused) document.getElementById(focused)?.focus();
  });
}

/** @param {string} id @param {'negative' | 'seed' | 'steps'} key @param {string} name @param {string} hint */
function field(id, key, name, hint) {
  const input = /** @type {HTMLInputElement} */ (byId(id));
  input.addEventListener('input', () => {
    const text = key === 'negative' ? input.value : input.value.replace(/\D/g, '').slice(0, key === 'seed' ? 19 : 4);
    update(key === 'steps' ? { steps: Math.min(Number(text), now().session?.limits['steps_max'] ?? 1000) } : { [key]: text });
    if (key !== 'negative' && input.value !== text) input.value = text;
  });
  watch([key, 'language'], (state) => {
    const value = key === 'steps' ? String(state.steps || '') : state[key];
    if (input.value !== value) input.value = String(value);
    input.placeholder = word(hint);
    byId(`${id}-label`).textContent = word(name);
  });
}

function buildMore() {
  field('negative', 'negative', 'editor-negative', 'editor-negative-hint');
  field('seed', 'seed', 'editor-seed', 'editor-seed-any');
  field('steps', 'steps', 'editor-steps', 'editor-steps-own');
  byId('dice').addEventListener('click', () => update({ seed: String(Math.floor(Math.random() * 2 ** 31)) }));
  watch(['penOnly', 'language'], ({ penOnly }) => {
    byId('pen').hidden = !penOnly;
    /** @type {HTMLInputElement} */ (byId('pen-only')).checked = penOnly;
  });
  byId('pen-only').addEventListener('change', (event) => update({ penOnly: /** @type {HTMLInputElement} */ (event.target).checked }));
  watch(['session', 'language'], ({ session }) => { byId('small-model').hidden = session?.model.full !== false; });
}

/** What the main button is about now. */
export function mainState() {
  const state = now();
  if (phone.matches && state.layer === 'results') return { text: word('editor-take'), active: true, busy: false, hint: '', act: takeChosen };
  const to = plan(state);
  const working = busy();
  const beside = to.kind === 'window' ? word(maskBesideWindow() ? 'editor-mask-beside' : 'editor-window-how') : '';
  const hint = state.trouble || (!to.ready && to.missing ? word(to.missing) : beside);
  return { text: word(to.label), active: to.ready && !working && state.phase === 'ready', busy: working, hint, act: () => void go() };
}

function buildMain() {
  const main = /** @type {HTMLButtonElement} */ (byId('main'));
  main.addEventListener('click', () => { if (main.getAttribute('aria-disabled') !== 'true') mainState().act(); });
  byId('summary').addEventListener('click', () => update({ sheet: now().sheet === 'closed' ? 'half' : 'closed' }));
  const show = () => {
    const { text, active, busy: working, hint } = mainState();
    const { trouble, prompt, sheet, layer, phase } = now();
    main.textContent = text;
    main.setAttribute('aria-disabled', String(!active));
    main.hidden = inTelegram && phone.matches;
    byId('hint').textContent = hint;
    byId('hint').classList.toggle('trouble', trouble !== '');
    byId('summary-text').textContent = prompt.trim() || word('editor-prompt-none');
    byId('summary').setAttribute('aria-expanded', String(sheet !== 'closed'));
    byId('summary').hidden = layer === 'results';
    mainButton({ visible: phone.matches && phase === 'ready' && layer !== 'gallery', text, active, busy: working });
  };
  watch(['picture', 'prompt', 'maskEmpty', 'maskShare', 'frame', 'frameLocked', 'parts', 'session', 'language', 'sending', 'job', 'trouble', 'layer', 'phase', 'sheet', 'chosen'], show);
  phone.addEventListener('change', show);
  byId('stop').addEventListener('click', () => void stop());
}

function buildInvitation() {
  watch(['language', 'session'], () => byId('ideas').replaceChildren(...IDEAS.map((name) => button('chip', [word(name)], () => {
    update({ prompt: word(name) });
    if (phone.matches) update({ sheet: 'closed' });
    else promptField().focus();
  }))));
  watch(['picture', 'sending', 'job', 'phase', 'layer', 'opening'], ({ picture, sending, job, phase, layer, opening }) => {
    byId('invite').hidden = picture !== null || sending || job !== null || phase !== 'ready' || layer !== 'none' || opening;
  });
  watch(['language'], () => label(byId('grip'), word('editor-panel-size')));
}
