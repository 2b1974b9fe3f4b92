// The row of tools, what belongs to the tool in hand, and the bar above the canvas.

import { button, byId, icon, make } from './dom.js';
import { overlap, quick, whole, windowAt, windowSides } from './frame.js';
import { zoomTo } from './geometry.js';
import { now, update, watch } from './state.js';
import { clear, invert, redo, save, stage, undo, widen } from './work.js';
import { label, word } from './words.js';

/** @typedef {import('./state.js').Tool} Tool */

const TOOLS = /** @type {const} */ ([
  ['hand', 'editor-hand', 'H'], ['brush', 'editor-brush', 'B'], ['eraser', 'editor-eraser', 'E'], ['rectangle', 'editor-rectangle', 'R'], ['frame', 'editor-frame', 'F'],
]);
const ACTS = /** @type {const} */ ([
  ['invert', 'editor-invert', 'I', invert], ['widen', 'editor-widen', 'Shift+I', widen], ['clear', 'editor-clear', 'Delete', clear],
]);
const QUICK = /** @type {const} */ ([
  ['left', 'editor-extend-left'], ['right', 'editor-extend-right'], ['up', 'editor-extend-up'], ['down', 'editor-extend-down'],
  ['zoom-1.5', 'editor-extend-half'], ['zoom-2', 'editor-extend-double'], ['square', 'editor-extend-square'], ['wide', 'editor-extend-wide'], ['tall', 'editor-extend-tall'],
]);
const OVERLAYS = /** @type {const} */ ([['red', 'editor-overlay-red'], ['outline', 'editor-overlay-outline'], ['hidden', 'editor-overlay-hidden']]);

/** @param {Tool} tool */
export function choose(tool) {
  if (!now().picture && tool !== 'hand') return;
  const { frame, picture } = now();
  update({ tool, frame: tool === 'frame' && !frame && picture ? whole(picture) : frame });
  if (tool === 'frame') stage.fit();
}

/** A frame that is as large as the picture is none. */
export function leaveFrame() {
  update({ frame: null, frameLocked: false, tool: 'brush' });
  stage.fit();
}

/** @param {string} kind */
export function setFrame(kind) {
  const { picture, frame, frameLocked } = now();
  if (!picture) return;
  update({ frameLocked: false, frame: quick(kind, (!frameLocked && frame) || whole(picture), picture) });
  stage.fit();
}

/** Locks the frame to a window of a size, around what is marked. @param {number} side */
export function setWindow(side) {
  const { picture } = now();
  if (!picture) return;
  const marked = stage.mask.bounds();
  const { factor } = stage;
  const middle = marked ? { x: (marked.x0 + marked.x1) / 2 / factor, y: (marked.y0 + marked.y1) / 2 / factor } : { x: picture.width / 2, y: picture.height / 2 };
  update({ tool: 'frame', frameLocked: true, windowSide: side, frame: windowAt(side, middle, picture) });
  stage.fit();
}

/** The sides of windows that are offered here. */
export function sides() {
  const { picture, session } = now();
  const native = session?.model.native ?? 768;
  return picture ? windowSides([native, native * 1.5, native * 2], picture) : [];
}

/** @param {number} factor */
export const zoom = (factor) => stage.look(zoomTo(stage.camera, stage.camera.scale * factor, { x: stage.stage.width / 2, y: stage.stage.height / 2 }));
/** As many pixels as the picture has. */
export const fullSize = () => zoom(1 / (stage.camera.scale * stage.factor));
/** @param {number} size */
export const setBrush = (size) => update({ brush: Math.round(Math.min(400, Math.max(4, size))) });

export function buildTools() {
  const row = byId('tools');
  const buttons = TOOLS.map(([tool, , key]) => button('tool', [icon(tool)], () => choose(tool), { data: { tool }, 'aria-keyshortcuts': key }));
  const acts = ACTS.map(([name, , key, act]) => button('tool', [icon(name)], act, { data: { act: name }, 'aria-keyshortcuts': key }));
  row.replaceChildren(...buttons, make('span', { className: 'gap' }), ...acts);
  watch(['language', 'tool', 'picture', 'maskEmpty', 'session'], ({ tool, picture, maskEmpty, session }) => {
    const canMask = picture !== null && session?.model.inpaint !== false;
    TOOLS.forEach(([name, text, key], i) => {
      const one = /** @type {HTMLButtonElement} */ (buttons[i]);
      label(one, word(text));
      one.title = `${word(text)} · ${key}`;
      one.setAttribute('aria-pressed', String(tool === name && picture !== null));
      one.disabled = name !== 'hand' && (!picture || (name !== 'frame' && !canMask));
    });
    ACTS.forEach(([name, text, key], i) => {
      const one = /** @type {HTMLButtonElement} */ (acts[i]);
      label(one, word(text));
      one.title = `${word(text)} · ${key}`;
      one.disabled = !canMask || (maskEmpty && name !== 'invert');
    });
  });
  watch(['tool', 'picture', 'frameLocked', 'language', 'session', 'overlay', 'layer'], buildOptions);
  watch(['brush'], ({ brush }) => {
    const range = /** @type {HTMLInputElement | null} */ (document.getElementById('brush'));
    if (range && Number(range.value) !== slider(brush)) range.value = String(slider(brush));
    const told = document.getElementById('brush-size');
    if (told) told.textContent = String(brush);
  });
  buildTop();
}

// The slider is finer where brushes are small.
const slider = (/** @type {number} */ brush) => Math.round(100 * Math.log(brush / 4) / Math.log(100));
const fromSlider = (/** @type {number} */ value) => 4 * 100 ** (value / 100);

/** @param {Readonly<import('./state.js').State>} state */
function buildOptions({ tool, picture, frameLocked, session, overlay, brush, layer, windowSide }) {
  const box = byId('options');
  box.hidden = !picture || tool === 'hand' || layer !== 'none';
  if (box.hidden) return;
  const kept = /** @type {HTMLElement | null} */ (document.activeElement);
  const keep = kept && box.contains(kept) ? kept.dataset['keep'] : undefined;
  const chip = (/** @type {string} */ text, /** @type {string} */ key, /** @type {() => void} */ act, /** @type {boolean | undefined} */ on) =>
    button('chip', [text], act, { data: { keep: key }, ...(on === undefined ? {} : { 'aria-pressed': String(on) }) });
  if (tool === 'frame') {
    const windows = session?.features.window && session.model.inpaint ? sides() : [];
    box.replaceChildren(
      ...(frameLocked ? [] : QUICK.map(([kind, text]) => chip(word(text), kind, () => setFrame(kind), undefined))),
      ...(frameLocked ? windows : windows.slice(0, 1)).map((side) => chip(word('editor-frame-lock', { side }), `window-${side}`, () => (frameLocked && windowSide === side ? setFrame('') : setWindow(side)), frameLocked && windowSide === side)),
      button('chip', [icon('close')], leaveFrame, { data: { keep: 'off' }, 'aria-label': word('editor-frame-off'), title: word('editor-frame-off') }));
  } else {
    const range = make('input', {
      id: 'brush', type: 'range', min: '0', max: '100', value: String(slider(brush)), data: { keep: 'brush' }, 'aria-label': word('editor-size'),
      on: { input: (/** @type {Event} */ event) => setBrush(fromSlider(Number(/** @type {HTMLInputElement} */ (event.target).value))) },
    });
    const brushes = tool === 'rectangle' ? [] : [make('span', { className: 'dot', 'aria-hidden': 'true' }), range, make('output', { id: 'brush-size' }, String(brush))];
    box.replaceChildren(...brushes, make('span', { className: 'segments', role: 'group', 'aria-label': word('editor-overlay') },
      ...OVERLAYS.map(([name, text]) => chip(word(text), name, () => update({ overlay: name }), overlay === name))));
  }
  if (keep) /** @type {HTMLElement | null} */ (box.querySelector(`[data-keep="${keep}"]`))?.focus();
}

function buildTop() {
  const act = (/** @type {string} */ id, /** @type {() => void} */ run) => byId(id).addEventListener('click', run);
  act('undo', undo);
  act('redo', redo);
  act('zoom-out', () => zoom(1 / 1.25));
  act('zoom-in', () => zoom(1.25));
  act('zoom', () => (matchMedia('(max-width: 899px)').matches ? stage.fit() : fullSize()));
  act('fit', () => stage.fit());
  watch(['canUndo', 'canRedo', 'picture'], ({ canUndo, canRedo }) => {
    /** @type {HTMLButtonElement} */ (byId('undo')).disabled = !canUndo;
    /** @type {HTMLButtonElement} */ (byId('redo')).disabled = !canRedo;
  });
  watch(['zoom', 'language'], ({ zoom: percent }) => {
    byId('zoom').textContent = word('editor-percent', { n: percent });
    label(byId('zoom'), word('editor-full', { n: percent }));
  });
  watch(['picture', 'language'], ({ picture }) => {
    byId('title').textContent = picture?.recipe?.prompt || word(picture ? 'editor-untitled' : 'editor-blank-title');
    byId('size').textContent = picture ? `${picture.width} × ${picture.height}` : '';
  });
  watch(['frame', 'tool'], save);
}

/** Whether a mask outside of the window will be left as it is. */
export function maskBesideWindow() {
  const { frame, frameLocked, picture } = now();
  const marked = stage.mask.bounds();
  if (!frame || !frameLocked || !picture || !marked) return false;
  const { factor } = stage;
  return overlap({ x: frame.x - marked.x0 / factor, y: frame.y - marked.y0 / factor, width: frame.width, height: frame.height }, { width: (marked.x1 - marked.x0) / factor, height: (marked.y1 - marked.y0) / factor }) === null;
}
