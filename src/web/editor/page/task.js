// What the main button will do, from the state alone.

import { cutsOff, margins, overlap, reachesOut } from './frame.js';

/** @typedef {import('./state.js').State} State */
/** `missing` is a word that says what is still needed. @typedef {{kind: string, label: string, ready: boolean, missing?: string, crop?: import('./geometry.js').Rect}} Plan */

/** @param {State} state @returns {Plan} */
export function plan(state) {
  const { picture, frame, frameLocked, prompt, maskEmpty, parts, session } = state;
  const said = prompt.trim() !== '';
  const can = session?.model.inpaint !== false;
  if (parts.length > 0) {
    const enough = parts.length + (picture ? 1 : 0) + (said ? 1 : 0) >= 2;
    return { kind: 'mix', label: 'editor-mix', ready: enough, missing: 'editor-missing-mix' };
  }
  if (!picture) return { kind: 'text', label: 'editor-draw', ready: said, missing: 'editor-missing-prompt' };
  if (frame && frameLocked) {
    const kept = overlap(frame, picture);
    const hole = kept !== null && kept.width * kept.height < frame.width * frame.height;
    const whole = !maskEmpty || hole || (picture.transparent ?? false);
    return { kind: 'window', label: 'editor-fill-window', ready: whole, missing: 'editor-missing-window' };
  }
  if (frame && (reachesOut(frame, picture) || cutsOff(frame, picture))) {
    const crop = cutsOff(frame, picture) ? overlap(frame, picture) : null;
    const out = reachesOut(frame, picture);
    return { kind: out ? 'outpaint' : 'crop', label: out ? 'editor-extend' : 'editor-crop', ready: true, ...(crop ? { crop } : {}) };
  }
  if (can && !maskEmpty) return { kind: 'inpaint', label: 'editor-repaint', ready: true };
  if (can && picture.transparent) return { kind: 'inpaint', label: 'editor-fill-empty', ready: true };
  if (said) return { kind: 'change', label: 'editor-change', ready: true };
  return { kind: 'variation', label: 'editor-vary', ready: true };
}

/** The request for the server. `seed` overrides the one in the panel. @param {State} state @param {Plan} to @param {string} [pictureId] after a crop */
export function request(state, to, pictureId = state.picture?.id) {
  const { picture, frame } = state;
  /** @type {Record<string, unknown>} */
  const job = {
    kind: to.kind === 'window' ? 'inpaint' : to.kind,
    prompt: state.prompt.trim(), negative: state.negative.trim(), style: state.style, count: state.count,
    seed: state.seed === '' ? null : Number.isSafeInteger(Number(state.seed)) ? Number(state.seed) : state.seed,
    steps: state.steps || null,
  };
  if (to.kind !== 'text' && to.kind !== 'mix') job.picture = pictureId;
  if (to.kind === 'text' || to.kind === 'mix') job.ratio = state.ratio;
  if (to.kind === 'change') job.strength = state.strength / 100;
  if (to.kind === 'variation') job.closeness = state.closeness / 100;
  if (to.kind === 'outpaint' && picture && frame) job.margins = margins(frame, picture);
  if (to.kind === 'window' && frame) job.window = frame;
  if (to.kind === 'mix') {
    /** @type {({picture: string, weight: number} | {text: string, weight: number})[]} */
    const parts = state.parts.map(({ picture: part, weight }) => ({ picture: part.id, weight: weight / 100 }));
    if (picture) parts.unshift({ picture: picture.id, weight: state.ownWeight / 100 });
    if (state.prompt.trim()) parts.push({ text: state.prompt.trim(), weight: state.textWeight / 100 });
    job.parts = parts;
    delete job.prompt;
  }
  return job;
}

/** Whether this kind of task takes the mask along. @param {string} kind */
export const takesMask = (kind) => kind === 'inpaint' || kind === 'window';
