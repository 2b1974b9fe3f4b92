// The keyboard. Keys are known by their place (`event.code`), whatever the layout.

import { compareCanvas, closeCompare } from './compare.js';
import { byId, dialog, make, tell } from './dom.js';
import { go, stop } from './drawing.js';
import { moved, resized, rounded } from './frame.js';
import { toView } from './geometry.js';
import { mainState, phone, pickFile } from './panel.js';
import { download, takeChosen } from './results.js';
import { busy, now, update } from './state.js';
import { choose, fullSize, setBrush, zoom } from './tools.js';
import { clear, invert, openFile, redo, save, stage, undo, widen } from './work.js';
import { word } from './words.js';

const ARROWS = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] });
const PAN = 40;
const WALK = 12;

/** The table, by what is shown and by what it says. */
const TABLE = /** @type {const} */ ([
  ['B · E · R · F · H', 'editor-keys-tools'], ['X', 'editor-keys-swap'], ['[ · ]', 'editor-keys-size'], ['Ctrl+Z · Ctrl+Y', 'editor-keys-undo'],
  ['I · Shift+I · Delete', 'editor-keys-mask'], ['0 · 1 · + · −', 'editor-keys-zoom'], ['← ↑ → ↓', 'editor-keys-arrows'], ['Alt+← ↑ → ↓, Enter', 'editor-keys-paint'],
  ['Ctrl+Enter', 'editor-keys-go'], ['Esc', 'editor-keys-esc'], ['C', 'editor-keys-compare'], ['Ctrl+S · Ctrl+V · Ctrl+O', 'editor-keys-files'], ['?', 'editor-keys-help'],
]);

export function showKeys() {
  const rows = TABLE.map(([keys, text]) => make('tr', {}, make('th', { scope: 'row' }, make('kbd', {}, keys)), make('td', {}, word(text))));
  dialog(word('editor-keys'), [make('table', { className: 'keys' }, make('tbody', {}, ...rows))], 'keyboard');
}

/** Takes back the last thing that lies over the rest. @returns {boolean} whether there was one */
export function back() {
  const { layer, sheet } = now();
  const open = document.querySelector('dialog');
  if (open) open.close();
  else if (layer === 'compare') closeCompare();
  else if (layer !== 'none') update({ layer: 'none' });
  else if (phone.matches && sheet !== 'closed') update({ sheet: 'closed' });
  else return false;
  return true;
}

/** @type {import('./geometry.js').Point | null} where the pen of the keyboard was put down */
let pen = null;

/** The cursor that arrows with Alt move; painting while its pen is down. @param {[number, number]} way @param {boolean} far */
function walk([dx, dy], far) {
  const from = stage.keyboard ?? toView(stage.camera, { x: stage.stage.width / 2, y: stage.stage.height / 2 });
  const step = ((far ? 5 : 1) * WALK) / stage.camera.scale;
  const to = { x: Math.min(stage.size.width, Math.max(0, from.x + dx * step)), y: Math.min(stage.size.height, Math.max(0, from.y + dy * step)) };
  stage.keyboard = to;
  if (pen) dab(from, to);
  stage.draw();
}

/** @param {import('./geometry.js').Point} from @param {import('./geometry.js').Point} to */
function dab(from, to) {
  stage.touch(stage.mask.capsule(from.x, from.y, to.x, to.y, now().brush / 2 / stage.camera.scale, now().tool === 'eraser' ? 0 : 255));
}

function press() {
  const at = stage.keyboard;
  if (!at) return;
  if (pen) return lift();
  pen = at;
  stage.mask.begin();
  dab(at, at);
  tell(word('editor-pen-down'));
}

function lift() {
  pen = null;
  stage.mask.commit();
  stage.changed(null);
  save();
  tell(word('editor-pen-up'));
}

/** @param {[number, number]} way @param {KeyboardEvent} event */
function arrow([dx, dy], event) {
  const { tool, frame, frameLocked, picture, layer, results, chosen } = now();
  if (layer === 'results') {
    update({ chosen: Math.min(results.length - 1, Math.max(0, chosen + dx + 2 * dy)) });
    return /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.result'))[now().chosen]?.focus();
  }
  if (layer !== 'none') return;
  if (tool === 'frame' && frame && picture) {
    const step = event.altKey ? 80 : 8;
    const next = event.shiftKey && !frameLocked ? resized(frame, { x: dx ? 1 : 0, y: dy ? 1 : 0 }, dx * step, dy * step, picture) : moved(frame, dx * step, dy * step, picture);
    return update({ frame: frameLocked ? next : rounded(next, picture) });
  }
  if (event.altKey && picture && (tool === 'brush' || tool === 'eraser')) return walk([dx, dy], event.shiftKey);
  stage.look({ ...stage.camera, x: stage.camera.x - dx * PAN, y: stage.camera.y - dy * PAN });
}

/** What a key alone does. @type {Record<string, (event: KeyboardEvent) => void>} */
const KEYS = {
  KeyB: () => choose('brush'), KeyE: () => choose('eraser'), KeyR: () => choose('rectangle'), KeyF: () => choose('frame'), KeyH: () => choose('hand'),
  KeyX: () => choose(now().tool === 'brush' ? 'eraser' : 'brush'),
  BracketLeft: ({ shiftKey }) => setBrush(shiftKey ? now().brush / 2 : now().brush / 1.15),
  BracketRight: ({ shiftKey }) => setBrush(shiftKey ? now().brush * 2 : Math.max(now().brush + 1, now().brush * 1.15)),
  Digit0: () => stage.fit(), Digit1: fullSize, Equal: () => zoom(1.25), Minus: () => zoom(0.8), NumpadAdd: () => zoom(1.25), NumpadSubtract: () => zoom(0.8),
  KeyI: ({ shiftKey }) => (shiftKey ? widen() : invert()), Delete: clear, Backspace: clear,
  KeyC: ({ repeat }) => { if (!repeat && now().layer === 'none') compareCanvas(); },
};

/** @param {EventTarget | null} target */
const typing = (target) => target instanceof HTMLElement && target.matches('textarea, select, input:not([type=range], [type=checkbox])');

/** @param {KeyboardEvent} event @returns {boolean} whether it was ours */
function withCtrl(event) {
  /** @type {Record<string, () => void>} */
  const acts = { Enter: () => { const { active, act } = mainState(); if (active) act(); else void go(); }, KeyS: () => download(), KeyO: () => pickFile(openFile) };
  if (!typing(event.target)) Object.assign(acts, { KeyZ: event.shiftKey ? redo : undo, KeyY: redo });
  const act = acts[event.code];
  act?.();
  return act !== undefined;
}

export function listenToKeys() {
  addEventListener('keydown', (event) => {
    const { target, code } = event;
    if (document.querySelector('dialog')) return;
    const done = () => event.preventDefault();
    if (event.ctrlKey || event.metaKey) { if (withCtrl(event)) done(); return; }
    if (code === 'Escape') return escape(done);
    if (typing(target)) return;
    if (event.key === '?') { showKeys(); return done(); }
    const way = ARROWS[code];
    const onControl = target instanceof HTMLElement && target.matches('input, [role=radio], summary');
    if (way && !onControl) { arrow(way, event); return done(); }
    if (code === 'Enter' && target === stage.canvas && now().layer === 'none') { press(); return done(); }
    if (code === 'Enter' && now().layer === 'results' && !(target instanceof HTMLElement && target.matches('button:not(.result)'))) { void takeChosen(); return done(); }
    if (event.altKey || now().phase !== 'ready') return;
    const act = KEYS[code];
    if (!act || (now().layer !== 'none' && code !== 'KeyC')) return;
    act(event);
    done();
  });
  addEventListener('keyup', ({ code, target }) => { if (code === 'KeyC' && !typing(target) && now().layer === 'compare') closeCompare(); });
  byId('stage').addEventListener('blur', () => {
    if (pen) lift();
    stage.keyboard = null;
    stage.draw();
  });
}

/** Stops, else closes what is open, else puts the tool away. @param {() => void} done */
function escape(done) {
  done();
  if (pen) return lift();
  if (busy()) return void stop();
  if (back()) return;
  const active = document.activeElement;
  if (active instanceof HTMLElement && active !== document.body && active !== stage.canvas) stage.canvas.focus();
  else choose('hand');
}
