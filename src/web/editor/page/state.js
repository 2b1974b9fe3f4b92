// The state of the page: one plain object. Every change goes through `update`, which tells those who watch what has changed.

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {{kind?: string, prompt?: string, negative?: string, style?: string, ratio?: string, strength?: number, closeness?: number, seed?: number | string, steps?: number | null, size?: string}} Recipe */
/** @typedef {{id: string, width: number, height: number, view: {url: string, width: number, height: number}, thumb: string, download: string, download_jpg?: string, parent?: string, job?: string, created_at?: number, transparent?: boolean, flagged?: boolean, recipe?: Recipe}} Picture */
/** @typedef {{id: string, rev: number, state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled', place: number | null, progress: number, seconds_left: number | null, paused?: boolean, loading?: boolean, preview: {url: string} | null, count?: number, pictures: Picture[], failure: {code: string, message: string} | null, warnings?: string[]}} Job */
/** @typedef {{token: string, expires: number, user: {name: string, language: string}, model: {name: string, native: number, full: boolean, inpaint: boolean}, features: {send: boolean, share: boolean, window: boolean}, limits: Record<string, number>, styles: {code: string, name: string, sample?: string}[], ratios: string[], start?: {picture?: Picture, error?: {code: string, message: string}}}} Session */
/** @typedef {'hand' | 'brush' | 'eraser' | 'rectangle' | 'frame'} Tool */

/**
 * @typedef {object} State
 * @property {'starting' | 'refused' | 'ready'} phase
 * @property {string} refusal why the server gives no session, ready to show
 * @property {Session | null} session
 * @property {string} language
 * @property {boolean} online
 * @property {Picture | null} picture what lies on the canvas
 * @property {boolean} opening
 * @property {boolean} maskEmpty
 * @property {number} maskShare of the picture, 0 to 1
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {Tool} tool
 * @property {number} brush diameter on the screen
 * @property {'red' | 'outline' | 'hidden'} overlay how the mask is shown
 * @property {boolean} penOnly fingers pan, since there is a pen
 * @property {Rect | null} frame in pixels of the picture
 * @property {boolean} frameLocked the frame is a window
 * @property {number} windowSide
 * @property {string} prompt
 * @property {string} negative
 * @property {string} style
 * @property {string} ratio
 * @property {number} strength percent
 * @property {number} closeness percent
 * @property {number} count
 * @property {string} seed
 * @property {number} steps 0: the model's own
 * @property {{picture: Picture, weight: number}[]} parts of a mix, besides the canvas and the text
 * @property {number} ownWeight share of the canvas in a mix
 * @property {number} textWeight share of the text in a mix
 * @property {boolean} sending
 * @property {Job | null} job that waits or is drawn
 * @property {string} trouble why the last job has failed
 * @property {Picture[]} results
 * @property {Picture | null} resultsFrom what the results were made of
 * @property {number} chosen
 * @property {Picture[]} versions everything that was on the canvas or came out of it
 * @property {'none' | 'results' | 'compare' | 'gallery'} layer what lies over the canvas
 * @property {'closed' | 'half' | 'full'} sheet of a phone
 * @property {number} zoom percent of the picture's own pixels
 */

/** @type {State} */
const state = {
  phase: 'starting', refusal: '', session: null, language: 'en', online: true,
  picture: null, opening: false, maskEmpty: true, maskShare: 0, canUndo: false, canRedo: false,
  tool: 'brush', brush: 48, overlay: 'red', penOnly: false,
  frame: null, frameLocked: false, windowSide: 768,
  prompt: '', negative: '', style: 'none', ratio: '1:1', strength: 50, closeness: 30, count: 1, seed: '', steps: 0,
  parts: [], ownWeight: 50, textWeight: 50,
  sending: false, job: null, trouble: '', results: [], resultsFrom: null, chosen: 0, versions: [],
  layer: 'none', sheet: 'closed', zoom: 100,
};

/** @typedef {keyof State} Key */
/** @type {{keys: Set<Key>, act: (state: Readonly<State>) => void}[]} */
const watchers = [];

/** The present state; never written to. @returns {Readonly<State>} */
export const now = () => state;

/** Runs `act` at once and after each change of one of these. @param {Key[]} keys @param {(state: Readonly<State>) => void} act */
export function watch(keys, act) {
  watchers.push({ keys: new Set(keys), act });
  act(state);
}

/** @param {Partial<State>} patch */
export function update(patch) {
  const changed = /** @type {Key[]} */ (Object.keys(patch)).filter((key) => state[key] !== patch[key]);
  if (changed.length === 0) return;
  Object.assign(state, patch);
  for (const { keys, act } of [...watchers]) if (changed.some((key) => keys.has(key))) act(state);
}

/** Whether something is being drawn or sent. */
export const busy = () => state.sending || state.job !== null;
