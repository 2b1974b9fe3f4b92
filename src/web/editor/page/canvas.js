// The stage: one visible canvas, drawn anew when something has changed, and the mask with its coloured copy.

import { HANDLES, around } from './frame.js';
import { fit, keepInSight, toScreen, toView } from './geometry.js';
import { Mask, union } from './mask.js';
import { now, update, watch } from './state.js';

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {import('./geometry.js').Point} Point */
/** @typedef {import('./mask.js').Box} Box */

const CHECKER = 10;
// Colours of the mask as they lie in memory: A, B, G, R.
const RED = 0x852020e0;
const HATCH = 0xc83838ff;
const EDGE = [0xffffffff, 0xff202020];
/** How long the last frames took to draw, for tests. */
export const timings = /** @type {number[]} */ ([]);

export class Stage {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    this.overlay = document.createElement('canvas');
    this.ink = /** @type {CanvasRenderingContext2D} */ (this.overlay.getContext('2d'));
    this.mask = new Mask(1, 1);
    this.size = { width: 512, height: 512 };
    /** @type {ImageBitmap | null} */ this.bitmap = null;
    /** @type {{image: CanvasImageSource, box: Rect} | null} */ this.preview = null;
    /** @type {Point | null} */ this.cursor = null;
    /** @type {Point | null} */ this.keyboard = null;
    /** @type {Rect | null} */ this.box = null;
    this.camera = { scale: 1, x: 0, y: 0 };
    this.stage = { width: 1, height: 1 };
    this.ratio = 1;
    this.phase = 0;
    this.pending = 0;
    /** @type {Box | null} */ this.dirty = null;
    /** What of the screen is to be drawn anew. @type {Box | 'all' | null} */ this.part = null;
    this.fitted = true;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    watch(['overlay'], () => this.touch(this.mask.box));
    watch(['frame', 'frameLocked', 'tool', 'brush', 'picture', 'layer'], () => this.draw());
    setInterval(() => this.#tick(), 400);
  }

  /** View pixels to one of the picture. */
  get factor() {
    const { picture } = now();
    return picture ? this.size.width / picture.width : 1;
  }

  /** The picture, or the sheet where there is none yet. @returns {Rect} */
  get sheet() { return { x: 0, y: 0, ...this.size }; }

  /** A box of the picture in pixels of the view. @param {Rect} rect @returns {Rect} */
  inView(rect) {
    const { factor } = this;
    return { x: rect.x * factor, y: rect.y * factor, width: rect.width * factor, height: rect.height * factor };
  }

  /** Puts a picture on the stage, or an empty sheet of a size; the mask is empty then. @param {ImageBitmap | null} bitmap @param {{width: number, height: number}} size */
  show(bitmap, size) {
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.preview = null;
    this.size = { width: size.width, height: size.height };
    this.mask = bitmap ? new Mask(size.width, size.height) : new Mask(1, 1);
    this.overlay.width = bitmap ? size.width : 1;
    this.overlay.height = bitmap ? size.height : 1;
    this.changed(null);
    this.touch(this.mask.box);
    this.fit();
  }

  /** The mask is another one now. @param {Box | null} box where */
  changed(box) {
    update({ maskEmpty: this.mask.empty, maskShare: this.mask.share, canUndo: this.mask.canUndo, canRedo: this.mask.canRedo });
    if (box) this.touch(box);
    else this.draw();
  }

  /** A part of the mask must be painted anew. @param {Box | null} box */
  touch(box) {
    this.dirty = union(this.dirty, box);
    if (!box) return;
    const [a, b] = [toScreen(this.camera, { x: box.x0, y: box.y0 }), toScreen(this.camera, { x: box.x1, y: box.y1 })];
    const pad = 3 + Math.ceil(this.edge * this.camera.scale);
    this.draw({ x0: a.x - pad, y0: a.y - pad, x1: b.x + pad, y1: b.y + pad });
  }

  /** How thick the edge of the mask is drawn, in pixels of the view. */
  get edge() { return Math.max(1, Math.round(Math.max(this.mask.width, this.mask.height) / 700)); }

  /** The brush is shown elsewhere. @param {Point | null} to */
  point(to) {
    const reach = now().brush / 2 + 4;
    for (const at of [this.cursor, to]) if (at) this.draw({ x0: at.x - reach, y0: at.y - reach, x1: at.x + reach, y1: at.y + reach });
    this.cursor = to;
  }

  /** What everything is fitted to: the picture and the frame. @returns {Rect} */
  get all() {
    const { picture, frame } = now();
    return picture && frame ? this.inView(around(frame, picture)) : this.sheet;
  }

  fit() {
    const { width, height } = this.stage;
    const small = matchMedia('(max-width: 899px)').matches;
    const pad = small ? 16 : 36;
    // Room for the options of the tool, above or on phones below.
    const options = now().picture ? Math.max(44, document.getElementById('options')?.offsetHeight ?? 0) + 24 : pad;
    const area = { x: pad, y: small ? pad : options, width: Math.max(60, width - 2 * pad), height: Math.max(60, height - pad - options) };
    this.look(fit(this.all, area));
    this.fitted = true;
  }

  /** @param {import('./geometry.js').Camera} camera */
  look(camera) {
    this.camera = keepInSight(camera, this.all, this.stage);
    this.fitted = false;
    update({ zoom: Math.round(this.camera.scale * this.factor * 100) });
    this.draw();
  }

  /** @param {Point} point of the screen */
  toView(point) { return toView(this.camera, point); }

  /** Draws soon: everything, or a box of the screen. @param {Box} [box] */
  draw(box) {
    this.part = box && this.part !== 'all' ? union(this.part, box) : 'all';
    this.pending ||= requestAnimationFrame(() => this.#render());
  }

  #resize() {
    const { width, height } = this.canvas.getBoundingClientRect();
    if (!width || !height) return;
    const { fitted, stage: was } = this;
    this.ratio = Math.min(3, devicePixelRatio || 1);
    this.stage = { width, height };
    this.canvas.width = Math.round(width * this.ratio);
    this.canvas.height = Math.round(height * this.ratio);
    if (fitted) this.fit();
    else this.look({ ...this.camera, x: this.camera.x + (width - was.width) / 2, y: this.camera.y + (height - was.height) / 2 });
    this.#render();
  }

  #tick() {
    if (now().overlay !== 'outline' || this.mask.empty || document.hidden || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    this.phase ^= 1;
    this.touch(this.mask.bounds());
  }

  /** Paints the coloured copy of the mask. @param {Box} at */
  #paint(at) {
    const { mask } = this;
    const { width, height, pixels } = mask;
    const mode = now().overlay;
    const { edge } = this;
    const box = { x0: Math.max(0, at.x0 - edge), y0: Math.max(0, at.y0 - edge), x1: Math.min(width, at.x1 + edge), y1: Math.min(height, at.y1 + edge) };
    if (box.x1 <= box.x0 || box.y1 <= box.y0) return;
    const image = this.ink.createImageData(box.x1 - box.x0, box.y1 - box.y0);
    const out = new Uint32Array(image.data.buffer);
    if (mode !== 'hidden') {
      const period = edge * 12;
      let i = 0;
      for (let y = box.y0; y < box.y1; y++) {
        const [up, down] = [Math.max(0, y - edge) * width, Math.min(height - 1, y + edge) * width];
        for (let x = box.x0, p = y * width + box.x0; x < box.x1; x++, p++, i++) {
          if (!pixels[p]) continue;
          const inner = pixels[up + x] && pixels[down + x] && (x < edge || pixels[p - edge]) && (x + edge >= width || pixels[p + edge]);
          if (!inner) out[i] = EDGE[(Math.floor((x + y) / (edge * 5)) + this.phase) & 1];
          else if (mode === 'red') out[i] = (x + y) % period < edge * 3 ? HATCH : RED;
        }
      }
    }
    this.ink.putImageData(image, box.x0, box.y0);
  }

  #render() {
    const began = performance.now();
    cancelAnimationFrame(this.pending);
    this.pending = 0;
    if (this.dirty) this.#paint(this.dirty);
    this.dirty = null;
    const { context: c, canvas, camera, ratio } = this;
    const { picture, frame, overlay, tool } = now();
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.save();
    if (this.part && this.part !== 'all') {
      const [x, y] = [Math.floor(this.part.x0 * ratio), Math.floor(this.part.y0 * ratio)];
      c.beginPath();
      c.rect(x, y, Math.ceil(this.part.x1 * ratio) - x, Math.ceil(this.part.y1 * ratio) - y);
      c.clip();
    }
    this.part = null;
    c.clearRect(0, 0, canvas.width, canvas.height);
    c.scale(ratio, ratio);
    const place = (/** @type {Rect} */ box) => {
      const { x, y } = toScreen(camera, box);
      return /** @type {const} */ ([x, y, box.width * camera.scale, box.height * camera.scale]);
    };
    if (!picture) this.#sheet(place(this.sheet));
    if (picture && frame) this.#empty(place(now().frameLocked ? this.inView(frame) : this.all));
    if (picture?.transparent) this.#empty(place(this.sheet));
    // So near that single pixels are of interest; small pictures are shown that large just to be seen.
    c.imageSmoothingEnabled = !picture || camera.scale * this.factor < 8;
    c.imageSmoothingQuality = 'high';
    if (this.bitmap) c.drawImage(this.bitmap, ...place(this.sheet));
    if (this.preview) {
      c.imageSmoothingEnabled = true;
      c.drawImage(this.preview.image, ...place(this.preview.box));
    }
    if (overlay !== 'hidden' && !this.mask.empty || this.mask.open) {
      c.globalAlpha = this.preview ? 0.25 : 1;
      c.drawImage(this.overlay, ...place(this.sheet));
      c.globalAlpha = 1;
    }
    if (picture && frame) this.#frame(place(this.inView(frame)), place(this.all), tool === 'frame');
    if (this.box) this.#rubber(place(this.box));
    if (picture && (tool === 'brush' || tool === 'eraser')) for (const point of [this.cursor, this.keyboard && toScreen(camera, this.keyboard)]) if (point) this.#ring(point, point !== this.cursor);
    c.restore();
    timings.push(performance.now() - began);
    if (timings.length > 600) timings.shift();
  }

  /** @param {readonly [number, number, number, number]} box */
  #sheet(box) {
    const c = this.context;
    c.save();
    c.shadowColor = 'rgba(0, 0, 0, .18)';
    c.shadowBlur = 30 * this.ratio;
    c.shadowOffsetY = 8 * this.ratio;
    c.fillStyle = getComputedStyle(this.canvas).color;
    c.beginPath();
    c.roundRect?.(...box, 10);
    c.fill();
    c.restore();
  }

  /** A checkerboard: nothing is there. @param {readonly [number, number, number, number]} box */
  #empty(box) {
    const c = this.context;
    if (!this.pattern) {
      const tile = document.createElement('canvas');
      tile.width = tile.height = CHECKER * 2;
      const t = /** @type {CanvasRenderingContext2D} */ (tile.getContext('2d'));
      t.fillStyle = '#c9c9ce';
      t.fillRect(0, 0, CHECKER * 2, CHECKER * 2);
      t.fillStyle = '#e6e6ea';
      t.fillRect(0, 0, CHECKER, CHECKER);
      t.fillRect(CHECKER, CHECKER, CHECKER, CHECKER);
      this.pattern = c.createPattern(tile, 'repeat');
    }
    c.fillStyle = this.pattern ?? '#ddd';
    c.fillRect(...box);
  }

  /** @param {readonly [number, number, number, number]} box @param {readonly [number, number, number, number]} all @param {boolean} active */
  #frame(box, all, active) {
    const c = this.context;
    const [x, y, width, height] = box;
    c.fillStyle = 'rgba(8, 10, 18, .45)';
    c.beginPath();
    c.rect(...all);
    c.rect(...box);
    c.fill('evenodd');
    c.lineWidth = active ? 2 : 1.5;
    c.setLineDash(now().frameLocked ? [] : [8, 6]);
    c.strokeStyle = 'rgba(0, 0, 0, .55)';
    c.strokeRect(x, y, width, height);
    c.lineDashOffset = 7;
    c.strokeStyle = '#fff';
    c.strokeRect(x, y, width, height);
    c.setLineDash([]);
    c.lineDashOffset = 0;
    this.#label(box);
    if (!active || now().frameLocked) return;
    for (const handle of HANDLES) {
      const [hx, hy] = [x + (width * (handle.x + 1)) / 2, y + (height * (handle.y + 1)) / 2];
      c.fillStyle = '#fff';
      c.strokeStyle = 'rgba(0, 0, 0, .5)';
      c.lineWidth = 1;
      c.beginPath();
      c.arc(hx, hy, handle.x && handle.y ? 7 : 5, 0, 7);
      c.fill();
      c.stroke();
    }
  }

  /** The frame's size, on it. @param {readonly [number, number, number, number]} box */
  #label([x, y, width]) {
    const { frame } = now();
    if (!frame || width < 70) return;
    const c = this.context;
    const text = `${frame.width} × ${frame.height}`;
    c.font = '600 12px system-ui, sans-serif';
    c.textBaseline = 'middle';
    const wide = c.measureText(text).width + 16;
    const top = Math.max(y, 0) + 10;
    c.fillStyle = 'rgba(12, 14, 24, .78)';
    c.beginPath();
    c.roundRect?.(x + width / 2 - wide / 2, top, wide, 22, 11);
    c.fill();
    c.fillStyle = '#fff';
    c.fillText(text, x + width / 2 - wide / 2 + 8, top + 11.5);
  }

  /** The rectangle that is being drawn. @param {readonly [number, number, number, number]} box */
  #rubber(box) {
    const c = this.context;
    c.fillStyle = 'rgba(224, 32, 32, .35)';
    c.fillRect(...box);
    c.strokeStyle = '#fff';
    c.lineWidth = 1.5;
    c.strokeRect(...box);
  }

  /** The brush. @param {Point} at @param {boolean} cross */
  #ring(at, cross) {
    const c = this.context;
    for (const wide of [3, 1.5]) {
      c.strokeStyle = wide === 3 ? 'rgba(0, 0, 0, .6)' : '#fff';
      c.lineWidth = wide;
      c.beginPath();
      c.arc(at.x, at.y, now().brush / 2, 0, 7);
      if (cross) for (const [dx, dy] of [[6, 0], [0, 6]]) {
        c.moveTo(at.x - dx, at.y - dy);
        c.lineTo(at.x + dx, at.y + dy);
      }
      c.stroke();
    }
  }
}
