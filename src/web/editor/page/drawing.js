// From the main button to the results.

import { toast } from './dom.js';
import { around } from './frame.js';
import { Refusal, cancelJob, crop, ended, follow, placeJob, seen } from './server.js';
import { busy, now, update } from './state.js';
import { plan, request, takesMask } from './task.js';
import { haptic } from './telegram.js';
import { lay, maskFile, placeOfBefore, reason, saveNow, stage } from './work.js';
import { word } from './words.js';

/** @typedef {import('./state.js').Job} Job */
/** @typedef {import('./geometry.js').Rect} Rect */

let ending = new AbortController();

/** Does what the main button says. @param {{anew?: boolean}} [how] `anew`: with another seed */
export async function go({ anew = false } = {}) {
  const to = plan(now());
  if (!to.ready || busy()) return;
  ending = new AbortController();
  update({ sending: true, trouble: '', layer: 'none', sheet: 'closed' });
  try {
    const from = now().picture;
    const cut = to.crop && from ? await crop(from.id, to.crop) : from;
    if (to.kind === 'crop') {
      if (cut) await lay(cut);
      return;
    }
    const { frame } = now();
    const wish = request(anew ? { ...now(), seed: '' } : now(), to, cut?.id);
    const mask = takesMask(to.kind) ? await maskFile() : null;
    const job = await placeJob(wish, mask, ending.signal);
    const framed = from && frame && (to.kind === 'outpaint' || to.kind === 'window');
    update({ resultsFrom: from });
    // A preview shows the frame; a window's result is all that it touches.
    await attend(job, framed ? frame : null, framed ? (to.kind === 'window' ? around(frame, from) : frame) : null);
  } catch (error) {
    if (ending.signal.aborted) return;
    update({ job: null, trouble: reason(error) });
    if (!(error instanceof Refusal)) console.warn(error);
  } finally {
    update({ sending: false });
    stage.preview = null;
    stage.draw();
  }
}

/** Shows a job until it has ended. @param {Job} job @param {Rect | null} box where its previews lie, in pixels of the picture on the canvas @param {Rect | null} bounds of its results, likewise */
export async function attend(job, box, bounds) {
  const take = (/** @type {Job} */ state) => {
    if (ended(state)) return;
    update({ job: state, sending: false });
    preview(state, box);
  };
  /** @type {Job} */
  let last = job;
  take(job);
  saveNow();
  while (!ended(last)) {
    const stop = new AbortController();
    const pause = () => { if (document.hidden || ending.signal.aborted) stop.abort(); };
    document.addEventListener('visibilitychange', pause);
    ending.signal.addEventListener('abort', pause);
    // Nobody looks: the server brings the results to the chat then.
    if (!document.hidden) await follow(job.id, (state) => { last = state; take(state); }, stop.signal).finally(() => document.removeEventListener('visibilitychange', pause));
    if (ending.signal.aborted) return;
    if (document.hidden) await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
  }
  finish(last, bounds);
}

/** @param {Job} job @param {Rect | null} box */
function finish(job, box) {
  update({ job: null, sending: false });
  saveNow();
  if (job.state === 'failed') update({ trouble: job.failure?.message || word('editor-failed') });
  if (job.state !== 'done' || job.pictures.length === 0) return;
  const before = now().resultsFrom;
  if (box && before) for (const { id } of job.pictures) placeOfBefore.set(id, { x: -box.x, y: -box.y, width: before.width, height: before.height });
  const known = now().versions;
  const fresh = job.pictures.filter(({ id }) => known.every((one) => one.id !== id));
  update({ results: job.pictures, chosen: 0, versions: [...known, ...fresh.filter(({ flagged }) => !flagged)], layer: 'results' });
  for (const text of job.warnings ?? []) toast(text);
  haptic('success');
  seen(job.id).catch(() => {});
}

let shown = '';

/** @param {Job} job @param {Rect | null} box */
async function preview(job, box) {
  const url = job.preview?.url;
  if (!url || url === shown) return;
  shown = url;
  const image = new Image();
  image.src = url;
  try { await image.decode(); } catch { return; }
  if (now().job?.id !== job.id) return;
  stage.preview = { image, box: box ? stage.inView(box) : contained(image) };
  stage.draw();
}

/** The largest box of a picture's shape in the middle of the sheet. @param {HTMLImageElement} image @returns {Rect} */
function contained({ naturalWidth, naturalHeight }) {
  const { width, height } = stage.sheet;
  const scale = Math.min(width / naturalWidth, height / naturalHeight);
  // Sides are rounded to eights: a difference that small is not seen, a gap would be.
  if (Math.abs(naturalWidth / naturalHeight / (width / height) - 1) < 0.05) return stage.sheet;
  return { x: (width - naturalWidth * scale) / 2, y: (height - naturalHeight * scale) / 2, width: naturalWidth * scale, height: naturalHeight * scale };
}

/** Stops what is drawn or sent. */
export async function stop() {
  const { job } = now();
  ending.abort();
  stage.preview = null;
  stage.draw();
  update({ sending: false, job: null });
  saveNow();
  if (job) await cancelJob(job.id).catch((error) => toast(reason(error)));
}
