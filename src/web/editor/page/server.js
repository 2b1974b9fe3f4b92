// Calls to the server. The token is kept in memory and for a reload in sessionStorage; there are no cookies.

import { now, update } from './state.js';

/** @typedef {import('./state.js').Picture} Picture */
/** @typedef {import('./state.js').Job} Job */
/** @typedef {import('./state.js').Session} Session */

const API = '/editor/api/';
const TOKEN_KEY = 'editor.session';
/** Without an event for so long a stream is thought dead; the server pings every 15 seconds. */
const STREAM_SILENCE = 40_000;
/** A stream that says nothing at first is held back by a proxy: then it is asked again and again instead. */
const STREAM_START = 5_000;
const LONGEST_WAIT = 30_000;

/** An answer that says no. */
export class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What a new session is asked for with. @type {{init_data?: string, code?: string, start?: string} | null} */
let launch = null;
let token = '';

/** @param {Response} response */
async function refusal(response) {
  const body = await response.json().catch(() => ({}));
  return new Refusal(response.status, body.error?.code ?? 'internal', body.error?.message ?? response.statusText);
}

/** @param {string} path @param {RequestInit} [options] @returns {Promise<Response>} */
async function call(path, options = {}) {
  const send = () => fetch(API + path, { ...options, cache: 'no-store', headers: { ...options.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) } });
  let response;
  try {
    response = await send();
    if (response.status === 401 && launch?.init_data && path !== 'session') {
      const renewed = await startSession().catch((error) => { if (!(error instanceof Refusal)) throw error; });
      if (renewed) response = await send();
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    update({ online: false });
    throw error;
  }
  update({ online: true });
  if (response.ok) return response;
  const no = await refusal(response);
  // Nothing goes on without a session; what was painted is kept for the next one.
  if (no.status === 401 && path !== 'session') update({ phase: 'refused', refusal: no.message });
  throw no;
}

/** @param {string} path @returns {Promise<any>} */
const get = async (path) => (await call(path)).json();

/** @param {string} path @param {object} [body] @returns {Promise<any>} */
async function post(path, body = {}) {
  const response = await call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return response.status === 204 ? {} : response.json().catch(() => ({}));
}

/** @param {string} language @returns {Promise<{language: string, words: Record<string, any>}>} */
export async function fetchWords(language) {
  const response = await fetch(`${API}words?lang=${language}`);
  return response.json();
}

/** @param {Partial<Session>} given @returns {Session} */
const complete = (given) => ({
  token: '', expires: 0, styles: [], ratios: ['1:1', '2:3', '3:2', '9:16', '16:9'], ...given,
  user: { name: '', language: 'en', ...given.user },
  model: { name: '', native: 768, full: true, inpaint: true, ...given.model },
  features: { send: true, share: false, window: false, ...given.features },
  limits: { prompt: 1000, count: 4, parts: 4, file_bytes: 32 << 20, steps_max: 200, ...given.limits },
});

/** Begins with launch data, or goes on with the session of before a reload. @param {{init_data?: string, code?: string, start?: string}} data @returns {Promise<Session>} */
export async function begin(data) {
  if (data.init_data || data.code) {
    launch = data;
    return startSession();
  }
  const kept = readKept();
  if (!kept) throw new Refusal(401, 'expired', '');
  token = kept.token;
  return kept;
}

async function startSession() {
  const asked = launch ?? {};
  token = '';
  const session = complete(await post('session', { ...asked, language: now().language }));
  // A code is good for one time only, and what it led to is open now.
  launch = asked.init_data ? { init_data: asked.init_data } : null;
  token = session.token;
  try { sessionStorage.setItem(TOKEN_KEY, JSON.stringify({ ...session, start: undefined })); } catch { /* Then a reload asks anew. */ }
  return session;
}

/** @returns {Session | null} */
function readKept() {
  try {
    const kept = complete(JSON.parse(sessionStorage.getItem(TOKEN_KEY) ?? 'null') ?? {});
    return kept.token && kept.expires > Date.now() / 1000 ? kept : null;
  } catch {
    return null;
  }
}

/** @param {Blob} file @returns {Promise<Picture>} */
export async function upload(file) {
  const form = new FormData();
  form.append('file', file, file instanceof File ? file.name : 'picture.png');
  return (await call('pictures', { method: 'POST', body: form })).json();
}

/** @param {string} ref @returns {Promise<Picture>} */
export const openPicture = (ref) => post('pictures/open', { ref });
/** @param {string} id @param {object} box @returns {Promise<Picture>} */
export const crop = (id, box) => post(`pictures/${encodeURIComponent(id)}/crop`, box);
/** @param {string} [before] @returns {Promise<{pictures: Picture[], next?: string}>} */
export const listPictures = (before) => get(`pictures?limit=40${before ? `&before=${encodeURIComponent(before)}` : ''}`);
/** @param {string} id */
export const removePicture = (id) => call(`pictures/${encodeURIComponent(id)}`, { method: 'DELETE' });
/** @param {string} id @returns {Promise<Job>} */
export const cancelJob = (id) => post(`jobs/${id}/cancel`);
/** @param {string} id */
export const seen = (id) => post(`jobs/${id}/seen`);
/** @param {string} id @param {'photo' | 'file'} as @param {number} index */
export const sendToChat = (id, as, index) => post(`jobs/${id}/send`, { as, index });
/** @param {string} job @param {number} index @returns {Promise<{prepared_id: string}>} */
export const share = (job, index) => post('share', { job, index });
/** @returns {Promise<{jobs: Job[]}>} */
export const runningJobs = () => get('jobs');

/** Places a job. A request that was cut is sent again with the same key, so that it is drawn once. @param {object} job @param {Blob | null} mask @param {AbortSignal} signal @returns {Promise<Job>} */
export async function placeJob(job, mask, signal) {
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const form = new FormData();
  form.append('job', JSON.stringify(job));
  if (mask) form.append('mask', mask, 'mask.png');
  return patiently(signal, async () => (await call('jobs', { method: 'POST', body: form, headers: { 'idempotency-key': key }, signal })).json());
}

/** Tries again after 1, 2, 4 … 30 seconds while there is no connection. @template T @param {AbortSignal} signal @param {() => Promise<T>} act @returns {Promise<T>} */
async function patiently(signal, act) {
  for (let wait = 1000; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      return await act();
    } catch (error) {
      if (signal.aborted || !(error instanceof TypeError)) throw error;
      await pause(wait, signal);
    }
  }
}

/** A wait that ends early when the connection comes back. @param {number} time @param {AbortSignal} signal @returns {Promise<void>} */
function pause(time, signal) {
  return new Promise((resolve, reject) => {
    const done = (/** @type {() => void} */ act) => () => {
      clearTimeout(timer);
      removeEventListener('online', up);
      signal.removeEventListener('abort', off);
      act();
    };
    const up = done(resolve);
    const off = done(() => reject(signal.reason));
    const timer = setTimeout(up, time);
    addEventListener('online', up);
    signal.addEventListener('abort', off);
  });
}

/** Whether nothing more comes. @param {Job} job */
export const ended = ({ state }) => state === 'done' || state === 'failed' || state === 'cancelled';

/**
 * Tells each state of a job until it has ended: by a stream, or by asking where streams do not come through.
 * @param {string} id @param {(job: Job) => void} act @param {AbortSignal} signal @returns {Promise<void>}
 */
export async function follow(id, act, signal) {
  let streams = true;
  /** @type {number | null} */
  let rev = null;
  const take = (/** @type {Job} */ job) => {
    rev = job.rev;
    act(job);
    return ended(job);
  };
  const poll = async () => take(await (await call(`jobs/${id}?wait=20${rev === null ? '' : `&after=${rev}`}`, { signal })).json());
  for (let wait = 1000; ; ) {
    try {
      if (streams) {
        const heard = rev;
        const last = await stream(id, take, signal);
        if (last === 'ended') return;
        streams = last !== 'silent' && rev !== heard;
      } else if (await poll()) return;
      wait = 1000;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal && error.status < 500) throw error;
      if (error instanceof Refusal) streams = false;
      await pause(wait, signal).catch(() => {});
      if (signal.aborted) return;
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }
}

/** @param {string} id @param {(job: Job) => boolean} take @param {AbortSignal} signal @returns {Promise<'ended' | 'cut' | 'silent'>} */
async function stream(id, take, signal) {
  const stop = new AbortController();
  const off = () => stop.abort();
  signal.addEventListener('abort', off);
  let heard = false;
  let timer = setTimeout(off, STREAM_START);
  try {
    const response = await call(`jobs/${id}/events`, { signal: stop.signal, headers: { accept: 'text/event-stream' } });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: '' };
      if (done) return 'cut';
      clearTimeout(timer);
      timer = setTimeout(off, STREAM_SILENCE);
      const parts = (text + value).split(/\r?\n\r?\n/);
      text = parts.pop() ?? '';
      for (const part of parts) {
        const data = part.split(/\r?\n/).filter((line) => line.startsWith('data:')).map((line) => line.slice(5)).join('\n');
        if (data === '') continue;
        heard = true;
        if (take(JSON.parse(data))) return 'ended';
      }
    }
  } catch (error) {
    if (signal.aborted || !stop.signal.aborted) throw error;
    return heard ? 'cut' : 'silent';
  } finally {
    clearTimeout(timer);
    stop.abort();
    signal.removeEventListener('abort', off);
  }
}
