// What lies on the canvas: putting a picture there, changing its mask, keeping all of it for a reload.

import { Stage } from './canvas.js';
import { byId, tell, toast } from './dom.js';
import { encodePng } from './png.js';
import { fromText, toText } from './rle.js';
import { Refusal, openPicture, upload } from './server.js';
import { now, update, watch } from './state.js';
import { closingConfirmation } from './telegram.js';
import { word } from './words.js';

/** @typedef {import('./state.js').Picture} Picture */
/** @typedef {import('./geometry.js').Rect} Rect */

const KEY = 'editor.work';
/** What of the state is kept. */
const KEPT = /** @type {const} */ (['picture', 'frame', 'frameLocked', 'windowSide', 'tool', 'brush', 'overlay', 'prompt', 'negative', 'style', 'ratio', 'strength', 'closeness', 'count', 'seed', 'steps', 'parts', 'ownWeight', 'textWeight']);
const SHEET = 640;

export const stage = new Stage(/** @type {HTMLCanvasElement} */ (byId('stage')));
/** Where the picture before lies in a result of another size, by the result's id. @type {Map<string, Rect>} */
export const placeOfBefore = new Map();

/** The message of a failure. @param {unknown} error */
export const reason = (error) => (error instanceof Refusal && error.message ? error.message : word(error instanceof TypeError ? 'editor-offline' : 'editor-failed'));

/** The pixels of a view; with a new link where the old one is no longer good. @param {Picture} picture @returns {Promise<{picture: Picture, bitmap: ImageBitmap}>} */
async function load(picture) {
  let response = await fetch(picture.view.url);
  if (!response.ok) {
    picture = await openPicture(picture.id);
    response = await fetch(picture.view.url);
    if (!response.ok) throw new Refusal(response.status, 'gone', word('editor-gone'));
  }
  return { picture, bitmap: await createImageBitmap(await response.blob()) };
}

/** Puts a picture on the canvas. False if it could not be had. @param {Picture} wanted @returns {Promise<boolean>} */
export async function lay(wanted) {
  update({ opening: true });
  try {
    const { picture, bitmap } = await load(wanted);
    const known = now().versions.some(({ id }) => id === picture.id);
    update({ picture, frame: null, frameLocked: false, layer: 'none', trouble: '', versions: known ? now().versions : [...now().versions, picture] });
    stage.show(bitmap, bitmap);
    save();
    return true;
  } catch (error) {
    toast(reason(error));
    return false;
  } finally {
    update({ opening: false });
  }
}

/** Opens a file of this device. @param {Blob | null | undefined} file @returns {Promise<Picture | null>} */
export async function sendFile(file) {
  if (!file) return null;
  const most = now().session?.limits['file_bytes'] ?? Infinity;
  if (file.size > most) {
    toast(word('editor-too-big', { size: Math.floor(most / 2 ** 20) }));
    return null;
  }
  update({ opening: true });
  try {
    return await upload(file);
  } catch (error) {
    toast(reason(error));
    return null;
  } finally {
    update({ opening: false });
  }
}

/** @param {Blob | null | undefined} file */
export async function openFile(file) {
  const picture = await sendFile(file);
  if (picture) await lay(picture);
}

/** An empty canvas again. */
export function blank() {
  update({ picture: null, frame: null, frameLocked: false, layer: 'none', trouble: '' });
  showSheet();
  save();
}

/** The sheet of the chosen proportions, where there is no picture. */
function showSheet() {
  const [a = 1, b = 1] = now().ratio.split(':').map(Number);
  const stretch = Math.sqrt(a / b);
  stage.show(null, { width: SHEET * stretch, height: SHEET / stretch });
}

watch(['ratio'], ({ picture }) => { if (!picture) showSheet(); });

/** @param {() => import('./mask.js').Box | null | void} change */
function changeMask(change) {
  if (!now().picture) return;
  stage.changed(change() ?? stage.mask.box);
  save();
}

export const undo = () => changeMask(() => stage.mask.undo() ?? { x0: 0, y0: 0, x1: 0, y1: 0 });
export const redo = () => changeMask(() => stage.mask.redo() ?? { x0: 0, y0: 0, x1: 0, y1: 0 });
export const invert = () => changeMask(() => stage.mask.invert());
export const clear = () => changeMask(() => { if (!stage.mask.empty) stage.mask.clear(); });
/** By 2 % of the long side, as in the chat. */
export const widen = () => changeMask(() => stage.mask.widen(Math.max(stage.mask.width, stage.mask.height) * 0.02));

/** The mask as a file, if something is marked. */
export async function maskFile() {
  const { mask } = stage;
  return mask.empty ? null : new Blob([await encodePng(mask.pixels, mask.width, mask.height)], { type: 'image/png' });
}

/** @type {number | undefined} */
let saving;

/** Keeps everything for a reload, soon. */
export function save() {
  clearTimeout(saving);
  saving = window.setTimeout(saveNow, 250);
}

export function saveNow() {
  clearTimeout(saving);
  const state = now();
  if (state.phase !== 'ready') return;
  const kept = Object.fromEntries(KEPT.map((key) => [key, state[key]]));
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...kept, mask: stage.mask.empty ? null : toText(stage.mask.save()), job: state.job?.id ?? null }));
  } catch { /* There is no room, or no storage in this frame: a reload begins anew. */ }
}

/** Brings back what was kept. @param {boolean} withPicture @returns {Promise<string | null>} the job that was drawn */
export async function restore(withPicture) {
  /** @type {any} */
  let kept;
  try { kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null'); } catch { /* None. */ }
  if (!kept) return null;
  const { picture, frame, frameLocked, mask, job, ...rest } = kept;
  update(Object.fromEntries(KEPT.filter((key) => key in rest).map((key) => [key, rest[key]])));
  if (withPicture && picture && await lay(picture)) {
    update({ frame, frameLocked });
    if (mask && stage.mask.load(fromText(mask))) stage.changed(stage.mask.box);
    stage.fit();
  }
  return job;
}

addEventListener('pagehide', saveNow);
document.addEventListener('visibilitychange', () => { if (document.hidden) saveNow(); });
watch(['prompt', 'negative', 'style', 'ratio', 'strength', 'closeness', 'count', 'seed', 'steps', 'parts', 'frame', 'job'], save);

watch(['maskShare', 'tool', 'brush', 'frame', 'language', 'picture'], ({ tool, brush, maskShare, frame, picture }) => {
  const names = { hand: word('editor-hand'), brush: word('editor-brush'), eraser: word('editor-eraser'), rectangle: word('editor-rectangle'), frame: word('editor-frame') };
  const about = tool === 'frame' && frame ? `${frame.width} × ${frame.height}` : tool === 'brush' || tool === 'eraser' ? String(brush) : '';
  const text = word('editor-canvas-state', { tool: `${names[tool]} ${about}`.trim(), share: Math.round(maskShare * 100) });
  stage.canvas.setAttribute('aria-label', picture ? text : word('editor-canvas-empty'));
  if (picture) tell(text);
});
watch(['job', 'sending', 'maskEmpty'], ({ job, sending, maskEmpty }) => closingConfirmation(job !== null || sending || !maskEmpty));
