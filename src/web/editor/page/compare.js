// Two pictures in one box, with a slider between them.

import { button, byId, icon, image, make } from './dom.js';
import { now, update } from './state.js';
import { placeOfBefore } from './work.js';
import { label, word } from './words.js';

/** @typedef {import('./state.js').Picture} Picture */

/** @type {'none' | 'results'} */
let back = 'none';

/** @param {Picture} before @param {Picture} after @param {'none' | 'results'} [from] what it goes back to */
export function openCompare(before, after, from = 'none') {
  back = from;
  const place = placeOfBefore.get(after.id);
  const box = make('div', { className: 'compare-box' });
  const upper = make('div', { className: 'compare-upper' });
  const old = image(before.view.url, word('editor-before'));
  // Of another size, the smaller one lies in its place on the larger.
  const percent = (/** @type {number} */ part, /** @type {number} */ whole) => `${(100 * part) / whole}%`;
  if (place) Object.assign(old.style, { left: percent(place.x, after.width), top: percent(place.y, after.height), width: percent(place.width, after.width), height: percent(place.height, after.height) });
  upper.append(old);
  const range = make('input', { type: 'range', min: '0', max: '100', value: '50', 'aria-label': word('editor-compare-slider') });
  const line = make('span', { className: 'compare-line', 'aria-hidden': 'true' }, icon('compare'));
  const show = () => {
    box.style.setProperty('--x', `${range.value}%`);
    range.setAttribute('aria-valuetext', word('editor-compare-value', { n: range.value }));
  };
  range.addEventListener('input', show);
  box.append(image(after.view.url, word('editor-after')), upper, line, range, make('span', { className: 'tag left' }, word('editor-before')), make('span', { className: 'tag right' }, word('editor-after')));
  box.style.setProperty('--ratio', String(after.width / after.height));
  const close = button('icon', [icon('close')], closeCompare);
  label(close, word('editor-close'));
  byId('compare-layer').replaceChildren(make('div', { className: 'layer-top' }, make('h2', {}, word('editor-compare')), close), make('div', { className: 'compare-room' }, box));
  show();
  update({ layer: 'compare' });
  range.focus();
}

export const closeCompare = () => update({ layer: back });

/** What the picture on the canvas was made of, if that is known. @returns {Picture | null} */
export function beforeOf() {
  const { picture, versions } = now();
  return versions.find(({ id }) => id === picture?.parent) ?? null;
}

/** Compares what is on the canvas with what it was made of. */
export function compareCanvas() {
  const { picture } = now();
  const before = beforeOf();
  if (picture && before) openCompare(before, picture);
}
