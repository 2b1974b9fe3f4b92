// Making and finding elements. No text ever becomes markup.

const SVG = 'http://www.w3.org/2000/svg';

/** The element with this id; the page is wrong without it. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no #${id}`);
  return element;
}

/** Properties by name; `data` for the dataset, names with a hyphen for attributes, `on` for listeners. @typedef {Record<string, any>} Properties */
/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Properties} [properties] @param {Child[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'on') for (const [event, act] of Object.entries(value)) element.addEventListener(event, /** @type {EventListener} */ (act));
    else if (name.includes('-') || name === 'role' || name === 'for' || name === 'list') element.setAttribute(name, String(value));
    else Object.assign(element, { [name]: value });
  }
  element.append(...real(children));
  return element;
}

/** Children without those that are not wanted. @param {Child[]} children @returns {(Node | string)[]} */
const real = (children) => /** @type {(Node | string)[]} */ (children.filter(Boolean));

/** Gives an element other children. @param {Element} element @param {Child[]} children */
export const fill = (element, ...children) => element.replaceChildren(...real(children));

/** One of the drawings in index.html. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.append(use);
  return svg;
}

/** A button; with an icon alone it is named by its label. @param {string} className @param {Child[]} content @param {() => void} act @param {Properties} [more] */
export const button = (className, content, act, more = {}) =>
  make('button', { type: 'button', className, on: { click: act }, ...more }, ...content);

/** Scrolls a row sideways, and nothing else, until one of its elements is in the middle. @param {Element} row @param {Element | null} element */
export function center(row, element) {
  if (!element) return;
  const [outer, inner] = [row.getBoundingClientRect(), element.getBoundingClientRect()];
  row.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

/** A picture that the server may have lost: it shows nothing then, and no broken sign. @param {string} src @param {string} alt @param {Properties} [more] */
export const image = (src, alt, more = {}) =>
  make('img', { alt, decoding: 'async', draggable: false, ...more, src, on: { error: (/** @type {Event} */ event) => /** @type {HTMLElement} */ (event.target).classList.add('lost') } });

/** @type {number | undefined} */
let toastTimer;

/** Says something short at the bottom, for a while. @param {string} text @param {{label: string, act: () => void}} [offer] */
export function toast(text, offer) {
  const box = byId('toast');
  const close = () => box.replaceChildren();
  clearTimeout(toastTimer);
  box.replaceChildren(make('div', { className: 'toast' }, make('span', {}, text), offer && button('toast-act', [offer.label], () => { close(); offer.act(); })));
  toastTimer = window.setTimeout(close, offer ? 8000 : 4000);
}

/** @type {number} */
let toldAt = 0;
/** @type {number | undefined} */
let tellTimer;

/** Tells a screen reader something, at most once a second. @param {string} text */
export function tell(text) {
  clearTimeout(tellTimer);
  const act = () => {
    toldAt = Date.now();
    byId('told').textContent = text;
  };
  tellTimer = window.setTimeout(act, Math.max(50, toldAt + 1000 - Date.now()));
}

/** Opens a dialog that is removed when it closes. @param {string} title @param {Child[]} content @param {string} [className] @returns {HTMLDialogElement} */
export function dialog(title, content, className = '') {
  const box = make('dialog', { className, 'aria-labelledby': 'dialog-title' }, make('h2', { id: 'dialog-title' }, title), ...content);
  // A tap beside it closes it.
  box.addEventListener('pointerdown', (event) => {
    const { left, right, top, bottom } = box.getBoundingClientRect();
    const inside = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
    if (event.target === box && !inside) box.close();
  });
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}

/** Asks before something that can not be taken back. @param {string} question @param {string} yes @param {string} no @returns {Promise<boolean>} */
export function ask(question, yes, no) {
  return new Promise((resolve) => {
    let answer = false;
    const box = dialog(question, [make('div', { className: 'dialog-row' },
      button('plain', [no], () => box.close(), { autofocus: true }),
      button('danger', [yes], () => { answer = true; box.close(); }))], 'small');
    box.addEventListener('close', () => resolve(answer));
  });
}
