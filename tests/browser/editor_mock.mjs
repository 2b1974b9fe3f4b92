// A server for the editor's page alone, whose drawings are landscapes.
//
//   node editor_mock.mjs [PORT]    serves it for a look

import { readFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { canvas, decodePng, encodePng, landscape, pasted, resized } from './editor_pictures.mjs';

const ROOT = new URL('../../', import.meta.url);
const PAGE = new URL('src/web/editor/page/', ROOT);
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' https://web.telegram.org; require-trusted-types-for 'script'";
const TYPES = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', html: 'text/html; charset=utf-8' };
const VIEW = 2048;

/** Messages of a Fluent file in the form that pages read. */
export function words(language, file) {
  const found = {};
  let name = '';
  let on = '';
  for (const line of readFileSync(new URL(`locales/${language}/${file}.ftl`, ROOT), 'utf8').split('\n')) {
    const plain = (text) => text.replace(/\{ \$(\w+) \}/g, '{$1}').trim();
    const start = /^([a-z0-9][a-z0-9-]*) = ?(.*)$/.exec(line);
    const select = start && /^\{ \$(\w+) ->$/.exec(start[2]);
    const form = /^ +\*?\[(\w+)\] (.*)$/.exec(line);
    if (select) found[name = start[1]] = { on: on = select[1], forms: {} };
    else if (start) found[name = start[1]] = plain(start[2]);
    else if (form && on && found[name].forms) found[name].forms[form[1]] = plain(form[2]);
  }
  return found;
}

/** The parts of a multipart body. */
function multipart(body, type) {
  const boundary = `--${/boundary=([^;]+)/.exec(type)[1]}`;
  const parts = {};
  for (let at = body.indexOf(boundary); at >= 0; ) {
    const next = body.indexOf(boundary, at + boundary.length);
    if (next < 0) break;
    const part = body.subarray(at + boundary.length + 2, next - 2);
    const split = part.indexOf('\r\n\r\n');
    parts[/name="([^"]+)"/.exec(part.subarray(0, split).toString())[1]] = part.subarray(split + 4);
    at = next;
  }
  return parts;
}

class Refused extends Error {
  constructor(status, code, message, headers = {}) {
    super(message);
    Object.assign(this, { status, code, headers });
  }
}

/** Starts a server. `pace` is the time of a step in milliseconds; the fields of `faults` may be set while it runs. */
export async function startMock({ port = 0, pace = 60 } = {}) {
  const pictures = new Map();
  const jobs = new Map();
  const log = [];
  const faults = { streams: true, refuse: null, hold: false, fail: null, session: null };
  let serial = 0;

  const view = ({ width, height }) => {
    const scale = Math.min(1, VIEW / Math.max(width, height));
    const least = (side) => Math.max(Math.round(side * scale), Math.min(side, 64));
    return { width: least(width), height: least(height) };
  };
  const json = (picture) => {
    const { id, pixels, parent, job, recipe } = picture;
    const { width, height } = pixels;
    return { id, width, height, view: { url: `/editor/p/${id}.view.png?e=1&s=x`, ...view(pixels) }, thumb: `/editor/p/${id}.thumb.png?e=1&s=x`, download: `/editor/p/${id}.png?e=1&s=x&dl=1`, created_at: 1764360000 + serial, transparent: false, ...(parent ? { parent } : {}), ...(job ? { job } : {}), ...(recipe ? { recipe } : {}) };
  };
  const keep = (picture) => {
    pictures.set(picture.id, picture);
    return picture;
  };
  const find = (id) => pictures.get(id) ?? (() => { throw new Refused(410, 'gone', 'Этой картинки уже нет.'); })();
  /** A picture as if it had been sent by the person. */
  const add = (pixels, more = {}) => keep({ id: `p_${(++serial).toString(16)}`, pixels, ...more });

  /** Each is drawn once: its preview is made of it. */
  const draw = (job, index) => ((job.drawn ??= [])[index] ??= paint(job, index));

  function paint(job, index) {
    const { wish, mask } = job;
    const from = wish.picture ? find(wish.picture).pixels : null;
    const seed = Number(job.id) * 3 + index;
    if (wish.kind === 'outpaint') {
      const { left, top, right, bottom } = wish.margins;
      return pasted(landscape(from.width + left + right, from.height + top + bottom, seed), from, left, top);
    }
    if (wish.kind === 'inpaint') {
      const w = wish.window ?? { x: 0, y: 0, width: from.width, height: from.height };
      const [x, y] = [Math.min(0, w.x), Math.min(0, w.y)];
      const out = canvas(Math.max(from.width, w.x + w.width) - x, Math.max(from.height, w.y + w.height) - y);
      pasted(out, from, -x, -y);
      const fresh = landscape(out.width, out.height, seed);
      const marked = mask && resized(mask, from.width, from.height);
      const [to, made] = [new Uint32Array(out.data.buffer), new Uint32Array(fresh.data.buffer)];
      for (let v = 0; v < out.height; v++) {
        for (let u = 0; u < out.width; u++) {
          const [px, py] = [u + x, v + y];
          const inWindow = px >= w.x && py >= w.y && px < w.x + w.width && py < w.y + w.height;
          const inside = px >= 0 && py >= 0 && px < from.width && py < from.height;
          if (inWindow && (!inside || (marked && marked.data[(py * from.width + px) * 4] > 0))) to[v * out.width + u] = made[v * out.width + u];
        }
      }
      return out;
    }
    if (from) return landscape(Math.min(1024, from.width), Math.round((Math.min(1024, from.width) * from.height) / from.width), seed);
    const [a, b] = (wish.ratio ?? '1:1').split(':').map(Number);
    return landscape(Math.round(512 * Math.sqrt(a / b)), Math.round(512 / Math.sqrt(a / b)), seed);
  }

  const state = ({ id, rev, state: now, place, progress, pictures: done, failure, wish }) => ({
    id, rev, state: now, place: now === 'queued' ? place : now === 'running' ? 0 : null, progress, paused: false, loading: false,
    seconds_left: now === 'running' ? Math.max(1, Math.round((1 - progress) * 10)) : null, count: wish.count ?? 1,
    preview: now === 'running' && progress > 0.2 ? { url: `/editor/p/j${id}.preview.jpg?r=${rev}` } : null, pictures: done.map(json), failure, warnings: [],
  });

  function step(job) {
    if (['done', 'failed', 'cancelled'].includes(job.state)) return;
    if (!faults.hold) {
      job.rev++;
      if (job.state === 'queued' && job.place > 0) job.place--;
      else if (job.state === 'queued') job.state = 'running';
      else if (faults.fail) Object.assign(job, { state: 'failed', failure: faults.fail });
      else if (job.progress < 0.99) job.progress = Math.min(1, job.progress + 0.125);
      else {
        job.state = 'done';
        const { prompt = '', negative = '', style = 'none', seed } = job.wish;
        for (let i = 0; i < (job.wish.count ?? 1); i++) {
          const recipe = { kind: job.wish.kind, prompt, negative, style, seed: seed ?? 7 + i, steps: null, size: '768x768' };
          job.pictures.push(keep({ id: `j${job.id}.${i}`, pixels: draw(job, i), parent: job.wish.picture, job: job.id, recipe }));
        }
      }
      for (const wake of job.wakes.splice(0)) wake();
    }
    setTimeout(() => step(job), pace);
  }

  function place(body, type, key) {
    const known = [...jobs.values()].find((job) => job.key === key);
    if (known) return known;
    if (faults.refuse) throw new Refused(...faults.refuse);
    const parts = multipart(body, type);
    const job = { id: String(jobs.size + 1), key, rev: 0, state: 'queued', place: 1, progress: 0, pictures: [], failure: null, wakes: [], wish: JSON.parse(parts.job), mask: parts.mask && decodePng(parts.mask), maskBytes: parts.mask };
    if (job.wish.picture) find(job.wish.picture);
    jobs.set(job.id, job);
    setTimeout(() => step(job), pace);
    return job;
  }

  const changed = (job, time) => new Promise((resolve) => { job.wakes.push(resolve); setTimeout(resolve, time); });
  const over = (job) => ['done', 'failed', 'cancelled'].includes(job.state);

  async function events(job, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (!faults.streams) return;
    response.write(': ping\n\n');
    while (!response.destroyed) {
      response.write(`event: progress\ndata: ${JSON.stringify(state(job))}\n\n`);
      if (over(job)) break;
      await changed(job, 15_000);
    }
    response.end();
  }

  const session = (language) => ({
    token: 'token', expires: Date.now() / 1000 + 43_200, user: { name: 'Анна', language: language ?? 'ru' }, model: { name: 'kandinsky-2.1', native: 768, full: true, inpaint: true },
    features: { send: true, share: true, window: true },
    limits: { prompt: 1000, count: 4, parts: 4, file_bytes: 32 << 20, pixels: 50_000_000, side: 16384, view: VIEW, size_min: 64, size_max: 1024, steps_max: 200, mask_bytes: 4 << 20 },
    styles: Object.entries(words('ru', 'styles')).map(([code, name]) => ({ code: code.slice(6), name })), ratios: ['1:1', '2:3', '3:2', '9:16', '16:9'],
  });

  async function api(request, path, query, body, response) {
    const { method, headers } = request;
    const data = () => (body.length ? JSON.parse(body) : {});
    if (path === 'words') {
      const language = query.get('lang') === 'en' ? 'en' : 'ru';
      return { language, words: { ...words(language, 'editor'), ...words(language, 'styles') } };
    }
    if (path === 'session') {
      if (faults.session) throw new Refused(...faults.session);
      const { start, language } = data();
      return { ...session(language), ...(start ? { start: pictures.has(start) ? { picture: json(find(start)) } : { error: { code: 'gone', message: 'Этой картинки уже нет.' } } } : {}) };
    }
    if (faults.expired || headers.authorization !== 'Bearer token') throw new Refused(401, 'expired', 'Откройте редактор из чата заново.');
    if (path === 'pictures' && method === 'POST') {
      const { file } = multipart(body, headers['content-type']);
      let pixels;
      try { pixels = decodePng(file); } catch { throw new Refused(415, 'not_a_picture', 'Это не открывается как картинка. Подойдут PNG, JPEG и WebP.'); }
      return json(add(pixels));
    }
    if (path === 'pictures') {
      const all = [...pictures.values()].reverse();
      const from = Number(query.get('before') ?? 0);
      const next = from + Number(query.get('limit'));
      return { pictures: all.slice(from, next).map(json), ...(next < all.length ? { next: String(next) } : {}) };
    }
    if (path === 'pictures/open') return json(find(data().ref));
    const crop = /^pictures\/(.+)\/crop$/.exec(path);
    if (crop) {
      const { x, y, width, height } = data();
      return json(add(pasted(canvas(width, height), find(crop[1]).pixels, -x, -y), { parent: crop[1] }));
    }
    const one = /^pictures\/([^/]+)$/.exec(path);
    if (one && method === 'DELETE') {
      const { job } = find(one[1]);
      for (const picture of [...pictures.values()]) if (picture.id === one[1] || (job && picture.job === job)) pictures.delete(picture.id);
      return null;
    }
    if (path === 'jobs' && method === 'POST') return state(place(body, headers['content-type'], headers['idempotency-key']));
    if (path === 'jobs') return { jobs: [...jobs.values()].filter((job) => !over(job)).map(state) };
    if (path === 'share') return { prepared_id: 'prepared' };
    const [, id, act] = /^jobs\/(\d+)(?:\/(\w+))?$/.exec(path) ?? [];
    const job = jobs.get(id) ?? (() => { throw new Refused(404, 'not_found', 'Такого запроса нет.'); })();
    if (act === 'events') return events(job, response).then(() => undefined);
    if (act === 'cancel') {
      if (!over(job)) Object.assign(job, { state: 'cancelled', rev: job.rev + 1 });
      for (const wake of job.wakes.splice(0)) wake();
      return state(job);
    }
    if (act === 'seen') { job.seen = true; return null; }
    if (act === 'send') { (job.sent ??= []).push(data()); return {}; }
    if (query.has('after') && Number(query.get('after')) >= job.rev) await changed(job, Number(query.get('wait')) * 1000);
    return state(job);
  }

  function picture(path) {
    const [, id, kind] = /^(.+?)\.(view\.png|thumb\.png|png|preview\.jpg)$/.exec(path) ?? [];
    if (kind === 'preview.jpg') {
      const job = jobs.get(id.slice(1));
      let small = draw(job, 0);
      const { window: w } = job.wish;
      // Of a window only what is in it.
      if (w) small = pasted(canvas(w.width, w.height), small, Math.min(0, w.x) - w.x, Math.min(0, w.y) - w.y);
      const shrunk = resized(small, Math.max(1, Math.round(small.width / 8)), Math.max(1, Math.round(small.height / 8)));
      return encodePng(shrunk);
    }
    const { pixels } = find(id);
    if (kind === 'png') return encodePng(pixels);
    const { width, height } = kind === 'view.png' ? view(pixels) : { width: 160, height: Math.max(1, Math.round((160 * pixels.height) / pixels.width)) };
    return encodePng(resized(pixels, width, height));
  }

  function asset(path) {
    const file = new URL(path, PAGE);
    if (path.includes('..') || !existsSync(file)) throw new Refused(404, 'not_found', path);
    return readFileSync(file);
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://x');
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const security = { 'content-security-policy': CSP, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin-allow-popups' };
    const send = (status, type, body, more = {}) => { response.writeHead(status, { 'content-type': type, ...security, ...more }); response.end(body); };
    log.push(`${request.method} ${pathname}`);
    try {
      if (pathname === '/editor/') return send(200, TYPES.html, asset('index.html').toString().replaceAll('assets/-/', 'assets/hash/'));
      if (pathname.startsWith('/editor/assets/hash/')) return send(200, TYPES[pathname.split('.').pop()], asset(pathname.slice(20)));
      if (pathname.startsWith('/editor/p/')) return send(200, 'image/png', picture(pathname.slice(10)), searchParams.has('dl') ? { 'content-disposition': 'attachment' } : {});
      if (!pathname.startsWith('/editor/api/')) throw new Refused(404, 'not_found', pathname);
      const answer = await api(request, pathname.slice(12), searchParams, Buffer.concat(chunks), response);
      if (answer === null) return send(204, 'text/plain');
      if (answer !== undefined) send(pathname.endsWith('jobs') && request.method === 'POST' ? 202 : 200, 'application/json', JSON.stringify(answer));
    } catch (error) {
      if (!(error instanceof Refused)) console.error(error);
      if (!response.headersSent) send(error.status ?? 500, 'application/json', JSON.stringify({ error: { code: error.code ?? 'internal', message: error.message } }), error.headers);
    }
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, page: `${url}/editor/`, faults, jobs, pictures, log, add, close: () => { server.closeAllConnections(); server.close(); } };
}

if (process.argv[1] === import.meta.filename) {
  const mock = await startMock({ port: Number(process.argv[2] ?? 8099), pace: 250 });
  for (let i = 0; i < 6; i++) mock.add(landscape(900, 600 + i * 60, i));
  console.log(`${mock.page}#tgWebAppData=test`);
}
