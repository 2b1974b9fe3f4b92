// The strip of versions: the way to the picture on the canvas, each step with its siblings.

import { button, byId, center, image, make } from './dom.js';
import { now, update, watch } from './state.js';
import { lay } from './work.js';
import { word } from './words.js';

/** @typedef {import('./state.js').Picture} Picture */

/** Steps from the oldest to the newest, each with everything that came out of the same job. @param {Picture[]} versions @param {Picture | null} picture @returns {Picture[][]} */
export function steps(versions, picture) {
  const byName = new Map(versions.map((one) => [one.id, one]));
  const siblings = (/** @type {Picture} */ one) => (one.job ? versions.filter(({ job }) => job === one.job) : [one]);
  /** @type {Picture[][]} */
  const way = [];
  const seen = new Set();
  for (let one = picture; one && !seen.has(one.id); one = byName.get(one.parent ?? '') ?? null) {
    seen.add(one.id);
    way.unshift(siblings(byName.get(one.id) ?? one));
  }
  // What came out of it, the newest each time.
  for (let ids = new Set(picture ? [picture.id] : []); ; ) {
    const child = versions.filter(({ parent, id }) => parent !== undefined && ids.has(parent) && !seen.has(id)).at(-1);
    if (!child) break;
    const group = siblings(child);
    for (const { id } of group) seen.add(id);
    way.push(group);
    ids = new Set(group.map(({ id }) => id));
  }
  return way;
}

export function buildVersions() {
  const strip = byId('versions');
  watch(['versions', 'picture', 'language'], ({ versions, picture }) => {
    const way = steps(versions, picture ?? versions.at(-1) ?? null);
    const count = way.flat().length;
    strip.hidden = count < 2;
    if (count < 2) return;
    let number = 0;
    strip.setAttribute('aria-label', word('editor-versions'));
    const focused = strip.contains(document.activeElement) ? document.activeElement?.getAttribute('data-id') : null;
    strip.replaceChildren(make('h2', { className: 'unseen' }, word('editor-versions')), make('ol', {}, ...way.map((group) => make('li', {}, ...group.map((one) => button('version', [image(one.thumb, '')], () => void show(one, group), {
      'aria-label': one.parent || one.job ? word('editor-version-n', { n: ++number }) : word('editor-original'), 'aria-current': String(one.id === picture?.id), data: { id: one.id },
    }))))));
    const current = strip.querySelector('[aria-current="true"]');
    if (strip.lastElementChild) center(strip.lastElementChild, current);
    if (focused) /** @type {HTMLElement | null} */ (strip.querySelector(`[data-id="${CSS.escape(focused)}"]`))?.focus();
  });
}

/** @param {Picture} picture @param {Picture[]} group */
async function show(picture, group) {
  if (picture.flagged) return;
  if (picture.id === now().picture?.id) return void update({ layer: 'none' });
  await lay(picture);
  if (group.length > 1) update({ results: group, chosen: group.indexOf(picture) });
}
