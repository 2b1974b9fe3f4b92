// The mask: one byte a pixel of the view, 255 where it is drawn anew. Steps can be undone.

import { decode, encode } from './rle.js';

const TILE = 128;
const MAX_STEPS = 100;
const MAX_BYTES = 16 * 1024 * 1024;

/** A box of pixels, its right and bottom edge outside. @typedef {{x0: number, y0: number, x1: number, y1: number}} Box */
/** @typedef {Map<number, Uint8Array>} Tiles tiles before a step, by their number */

export class Mask {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height);
    this.across = Math.ceil(width / TILE);
    /** @type {Tiles[]} */ this.done = [];
    /** @type {Tiles[]} */ this.undone = [];
    /** @type {Tiles | null} */ this.open = null;
    /** How many pixels are marked, as of the last step. */
    this.marked = 0;
  }

  get empty() { return this.marked === 0; }
  get share() { return this.marked / this.pixels.length; }
  get canUndo() { return this.done.length > 0; }
  get canRedo() { return this.undone.length > 0; }

  /** A step begins: until `commit` or `cancel` all changes belong together. */
  begin() { this.open ??= new Map(); }

  /** Ends the step. */
  commit() {
    const step = this.open;
    this.open = null;
    if (!step) return;
    for (const [tile, before] of step) if (same(before, this.#pack(tile))) step.delete(tile);
    if (step.size === 0) return;
    this.done.push(step);
    this.undone = [];
    this.#forget();
    this.#count();
  }

  /** Takes back what the open step has changed. @returns {Box | null} */
  cancel() {
    const step = this.open;
    this.open = null;
    return step && this.#swap(step);
  }

  /** @returns {Box | null} what has changed */
  undo() {
    const step = this.done.pop();
    if (!step) return null;
    this.undone.push(this.#snapshot(step));
    return this.#swap(step);
  }

  /** @returns {Box | null} what has changed */
  redo() {
    const step = this.undone.pop();
    if (!step) return null;
    this.done.push(this.#snapshot(step));
    return this.#swap(step);
  }

  /**
   * Marks all pixels whose centre is within `radius` of the line from a to b.
   * @param {number} ax @param {number} ay @param {number} bx @param {number} by @param {number} radius @param {number} value
   * @returns {Box | null}
   */
  capsule(ax, ay, bx, by, radius, value) {
    const box = this.#clip(Math.min(ax, bx) - radius, Math.min(ay, by) - radius, Math.max(ax, bx) + radius, Math.max(ay, by) + radius);
    if (!box) return null;
    this.#touch(box);
    const dx = bx - ax;
    const dy = by - ay;
    const square = dx * dx + dy * dy;
    const wide = radius * Math.sqrt(square);
    for (let y = box.y0; y < box.y1; y++) {
      const ra = y + 0.5 - ay;
      const rb = y + 0.5 - by;
      let left = Infinity;
      let right = -Infinity;
      // The part of the row in the circle around a, in the one around b, and beside the line between them.
      if (ra * ra <= radius * radius) {
        const half = Math.sqrt(radius * radius - ra * ra);
        left = ax - half;
        right = ax + half;
      }
      if (rb * rb <= radius * radius) {
        const half = Math.sqrt(radius * radius - rb * rb);
        left = Math.min(left, bx - half);
        right = Math.max(right, bx + half);
      }
      if (square > 0) {
        let from = -Infinity;
        let to = Infinity;
        // Across the line: |x dy − ra dx| ≤ radius × length, with x counted from a.
        if (dy !== 0) {
          const [one, two] = [(ra * dx - wide) / dy, (ra * dx + wide) / dy];
          from = Math.min(one, two);
          to = Math.max(one, two);
        } else if (Math.abs(ra * dx) > wide) to = from;
        // Along it: 0 ≤ x dx + ra dy ≤ length².
        if (dx !== 0) {
          const [one, two] = [(-ra * dy) / dx, (square - ra * dy) / dx];
          from = Math.max(from, Math.min(one, two));
          to = Math.min(to, Math.max(one, two));
        } else if (ra * dy < 0 || ra * dy > square) to = -Infinity;
        if (from <= to && to !== Infinity && from !== -Infinity) {
          left = Math.min(left, ax + from);
          right = Math.max(right, ax + to);
        }
      }
      this.#row(y, Math.ceil(left - 0.5), Math.floor(right - 0.5) + 1, value);
    }
    return box;
  }

  /** @param {number} ax @param {number} ay @param {number} bx @param {number} by @param {number} value @returns {Box | null} */
  rectangle(ax, ay, bx, by, value) {
    const box = this.#clip(Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by));
    if (!box) return null;
    this.#touch(box);
    for (let y = box.y0; y < box.y1; y++) this.#row(y, box.x0, box.x1, value);
    return box;
  }

  /** Marks what was not, and the other way round: a step by itself. */
  invert() {
    this.#whole(() => {
      for (let i = 0; i < this.pixels.length; i++) this.pixels[i] = 255 - this.pixels[i];
    });
  }

  /** Unmarks everything: a step by itself. */
  clear() { this.#whole(() => this.pixels.fill(0)); }

  /** Marks all pixels within `radius` of a marked one: a step by itself. @param {number} radius */
  widen(radius) {
    this.#whole(() => {
      const source = this.pixels.slice();
      const reach = Math.floor(radius);
      for (let y = 0; y < this.height; y++) {
        const row = source.subarray(y * this.width, (y + 1) * this.width);
        for (let x = row.indexOf(255); x >= 0; ) {
          let end = row.indexOf(0, x);
          if (end < 0) end = this.width;
          for (let dy = -reach; dy <= reach; dy++) {
            const half = Math.floor(Math.sqrt(radius * radius - dy * dy));
            if (y + dy >= 0 && y + dy < this.height) this.#row(y + dy, x - half, end + half, 255);
          }
          x = row.indexOf(255, end);
        }
      }
    });
  }

  /** Where something is marked. @returns {Box | null} */
  bounds() {
    const box = { x0: this.width, y0: this.height, x1: 0, y1: 0 };
    for (let y = 0; y < this.height; y++) {
      const row = this.pixels.subarray(y * this.width, (y + 1) * this.width);
      const first = row.indexOf(255);
      if (first < 0) continue;
      box.x0 = Math.min(box.x0, first);
      box.x1 = Math.max(box.x1, row.lastIndexOf(255) + 1);
      box.y0 = Math.min(box.y0, y);
      box.y1 = y + 1;
    }
    return box.x1 > box.x0 ? box : null;
  }

  /** The whole mask as run lengths. */
  save() { return encode(this.pixels); }

  /** False if the runs are not of this size. @param {Uint8Array} runs */
  load(runs) {
    const good = decode(runs, this.pixels);
    if (!good) this.pixels.fill(0);
    this.#count();
    return good;
  }

  /** Bytes that the steps hold. */
  get stepBytes() { return [...this.done, ...this.undone].reduce((sum, step) => sum + weight(step), 0); }

  /** @param {() => void} change */
  #whole(change) {
    this.commit();
    this.begin();
    this.#touch(this.box);
    change();
    this.commit();
  }

  /** All of it. @returns {Box} */
  get box() { return { x0: 0, y0: 0, x1: this.width, y1: this.height }; }

  /** @param {number} y @param {number} from @param {number} to @param {number} value */
  #row(y, from, to, value) {
    const x0 = Math.max(0, from);
    const x1 = Math.min(this.width, to);
    if (x0 < x1) this.pixels.fill(value, y * this.width + x0, y * this.width + x1);
  }

  /** @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @returns {Box | null} */
  #clip(x0, y0, x1, y1) {
    const box = {
      x0: Math.max(0, Math.floor(x0)), y0: Math.max(0, Math.floor(y0)),
      x1: Math.min(this.width, Math.ceil(x1)), y1: Math.min(this.height, Math.ceil(y1)),
    };
    return box.x0 < box.x1 && box.y0 < box.y1 ? box : null;
  }

  /** Keeps the tiles of a box before they change. @param {Box} box */
  #touch(box) {
    if (!this.open) this.begin();
    const step = /** @type {Tiles} */ (this.open);
    for (let ty = Math.floor(box.y0 / TILE); ty * TILE < box.y1; ty++) {
      for (let tx = Math.floor(box.x0 / TILE); tx * TILE < box.x1; tx++) {
        const tile = ty * this.across + tx;
        if (!step.has(tile)) step.set(tile, this.#pack(tile));
      }
    }
  }

  /** @param {number} tile @returns {Box} */
  #tileBox(tile) {
    const [x0, y0] = [(tile % this.across) * TILE, Math.floor(tile / this.across) * TILE];
    return { x0, y0, x1: Math.min(x0 + TILE, this.width), y1: Math.min(y0 + TILE, this.height) };
  }

  /** @param {number} tile */
  #pack(tile) {
    const { x0, y0, x1, y1 } = this.#tileBox(tile);
    const bytes = new Uint8Array((x1 - x0) * (y1 - y0));
    for (let y = y0; y < y1; y++) bytes.set(this.pixels.subarray(y * this.width + x0, y * this.width + x1), (y - y0) * (x1 - x0));
    return encode(bytes);
  }

  /** The present tiles of a step. @param {Tiles} step @returns {Tiles} */
  #snapshot(step) { return new Map([...step.keys()].map((tile) => [tile, this.#pack(tile)])); }

  /** Puts the tiles of a step back. @param {Tiles} step @returns {Box | null} */
  #swap(step) {
    /** @type {Box | null} */
    let changed = null;
    for (const [tile, runs] of step) {
      const box = this.#tileBox(tile);
      const wide = box.x1 - box.x0;
      const bytes = new Uint8Array(wide * (box.y1 - box.y0));
      decode(runs, bytes);
      for (let y = box.y0; y < box.y1; y++) {
        this.pixels.set(bytes.subarray((y - box.y0) * wide, (y - box.y0 + 1) * wide), y * this.width + box.x0);
      }
      changed = union(changed, box);
    }
    this.#count();
    return changed;
  }

  #forget() {
    let bytes = this.stepBytes;
    while (this.done.length > MAX_STEPS || (bytes > MAX_BYTES && this.done.length > 1)) {
      bytes -= weight(/** @type {Tiles} */ (this.done.shift()));
    }
  }

  #count() {
    let marked = 0;
    for (const pixel of this.pixels) marked += pixel & 1;
    this.marked = marked;
  }
}

/** @param {Uint8Array} a @param {Uint8Array} b */
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** @param {Tiles} step */
const weight = (step) => [...step.values()].reduce((sum, runs) => sum + runs.length + 64, 0);

/** The smallest box around both. @param {Box | null} a @param {Box | null} b @returns {Box | null} */
export function union(a, b) {
  if (!a || !b) return a ?? b;
  return { x0: Math.min(a.x0, b.x0), y0: Math.min(a.y0, b.y0), x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1) };
}
