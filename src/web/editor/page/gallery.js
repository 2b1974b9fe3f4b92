// One's own pictures, with a search in their descriptions.

import { button, byId, dialog, fill, icon, image, make } from './dom.js';
import { addPart } from './panel.js';
import { download, parameters, remove } from './results.js';
import { listPictures } from './server.js';
import { update, watch } from './state.js';
import { lay, reason } from './work.js';
import { label, word } from './words.js';

/** @typedef {import('./state.js').Picture} Picture */

/** @type {Picture[]} */
let pictures = [];
/** @type {string | undefined} */
let next;
let loading = false;
let trouble = '';
/** @type {'canvas' | 'part'} */
let purpose = 'canvas';
let sought = '';

/** @param {'canvas' | 'part'} [what] what a chosen picture becomes */
export function openGallery(what = 'canvas') {
  purpose = what;
  pictures = [];
  next = undefined;
  sought = '';
  build();
  update({ layer: 'gallery', sheet: 'closed' });
  byId('gallery-search').focus();
  void more();
}

async function more() {
  if (loading) return;
  loading = true;
  trouble = '';
  show();
  try {
    const answer = await listPictures(next);
    pictures = [...pictures, ...answer.pictures.filter(({ flagged }) => !flagged)];
    next = answer.next;
  } catch (error) {
    trouble = reason(error);
  }
  loading = false;
  show();
}

function build() {
  const close = button('icon', [icon('close')], () => update({ layer: 'none' }));
  label(close, word('editor-close'));
  const search = make('input', { type: 'search', id: 'gallery-search', className: 'field', placeholder: word('editor-gallery-search'), 'aria-label': word('editor-gallery-search'), on: { input: () => { sought = search.value.trim().toLowerCase(); show(); } } });
  byId('gallery').replaceChildren(
    make('div', { className: 'layer-top' }, make('h2', {}, word(purpose === 'part' ? 'editor-gallery-part' : 'editor-gallery')), close), search,
    make('ul', { className: 'wall', id: 'wall' }), make('div', { id: 'wall-end', className: 'wall-end' }));
}

function show() {
  const wall = document.getElementById('wall');
  if (!wall) return;
  const words = sought.split(/\s+/).filter(Boolean);
  const fits = (/** @type {Picture} */ { recipe }) => words.every((one) => (recipe?.prompt ?? '').toLowerCase().includes(one));
  const found = pictures.filter(fits);
  wall.replaceChildren(...found.map((picture) => {
    const name = picture.recipe?.prompt || word(picture.job ? 'editor-untitled' : 'editor-photo');
    return make('li', {},
      button('tile', [image(picture.thumb, '', { loading: 'lazy' }), make('span', {}, name)], () => (purpose === 'part' ? addPart(picture) : void lay(picture)), { 'aria-label': name }),
      button('icon tile-more', [icon('more')], () => tileMenu(picture, name), { 'aria-label': word('editor-menu-of', { name }), 'aria-haspopup': 'dialog' }));
  }));
  const end = byId('wall-end');
  const empty = !loading && !trouble && found.length === 0;
  fill(end,
    loading && make('p', { className: 'note' }, word('editor-loading')),
    trouble && make('p', { className: 'note' }, trouble),
    empty && make('p', { className: 'note' }, word(sought ? 'editor-gallery-nothing' : 'editor-gallery-empty')),
    !loading && (next || trouble) && button('plain', [word(trouble ? 'editor-again' : 'editor-gallery-more')], () => void more()),
  );
}

/** @param {Picture} picture @param {string} name */
function tileMenu(picture, name) {
  const entry = (/** @type {string} */ drawing, /** @type {string} */ text, /** @type {() => void} */ run) => button('entry', [icon(drawing), word(text)], () => { box.close(); run(); });
  const drop = async () => {
    if (!await remove(picture)) return;
    pictures = pictures.filter((one) => one.id !== picture.id && (!picture.job || one.job !== picture.job));
    show();
  };
  const box = dialog(name, [make('div', { className: 'entries' },
    purpose === 'canvas' && entry('check', 'editor-take', () => void lay(picture)),
    entry('plus', 'editor-part-add', () => addPart(picture)),
    entry('download', 'editor-download', () => download(picture)),
    picture.recipe && entry('info', 'editor-recipe', () => parameters(picture)),
    entry('trash', 'editor-delete', () => void drop()))], 'menu');
}

export function buildGallery() {
  watch(['layer'], ({ layer }) => {
    const lost = document.activeElement?.closest('.layer');
    byId('gallery').hidden = layer !== 'gallery';
    byId('compare-layer').hidden = layer !== 'compare';
    // Where the focus was is gone: keys go on with the canvas.
    if (lost && layer === 'none') byId('stage').focus({ preventScroll: true });
  });
}
