// The frame, in pixels of the picture, whose top left corner is (0, 0). A free frame is the new edge of the picture; a window has a fixed size and slides.

import { clamp } from './geometry.js';

/** @typedef {import('./geometry.js').Rect} Rect */
/** @typedef {{width: number, height: number}} Size */
/** Which sides a handle moves: −1 the left or upper one, 1 the right or lower one. @typedef {{x: -1 | 0 | 1, y: -1 | 0 | 1}} Handle */

export const STEP = 8;
export const LEAST_SIDE = 64;
const MOST_SIDE = 16384;
const MOST_PIXELS = 50_000_000;
/** The share of the frame that must lie on the picture. */
const LEAST_SHARE = 1 / 8;

export const HANDLES = /** @type {Handle[]} */ ([
  { x: -1, y: -1 }, { x: 0, y: -1 }, { x: 1, y: -1 }, { x: -1, y: 0 }, { x: 1, y: 0 }, { x: -1, y: 1 }, { x: 0, y: 1 }, { x: 1, y: 1 },
]);

/** @param {number} value */
const toStep = (value) => Math.round(value / STEP) * STEP;

/** @param {Size} picture @returns {Rect} */
export const whole = (picture) => ({ x: 0, y: 0, width: picture.width, height: picture.height });

/** @param {Rect} frame @param {Size} picture @returns {Rect | null} what of the picture is in the frame */
export function overlap(frame, picture) {
  const [x0, y0] = [Math.max(0, frame.x), Math.max(0, frame.y)];
  const [x1, y1] = [Math.min(picture.width, frame.x + frame.width), Math.min(picture.height, frame.y + frame.height)];
  return x1 > x0 && y1 > y0 ? { x: x0, y: y0, width: x1 - x0, height: y1 - y0 } : null;
}

/** Both together. @param {Rect} frame @param {Size} picture @returns {Rect} */
export function around(frame, picture) {
  const [x, y] = [Math.min(0, frame.x), Math.min(0, frame.y)];
  return { x, y, width: Math.max(picture.width, frame.x + frame.width) - x, height: Math.max(picture.height, frame.y + frame.height) - y };
}

/** How far the frame reaches beyond the picture. @param {Rect} frame @param {Size} picture */
export const margins = (frame, picture) => ({
  left: Math.max(0, -frame.x),
  top: Math.max(0, -frame.y),
  right: Math.max(0, frame.x + frame.width - picture.width),
  bottom: Math.max(0, frame.y + frame.height - picture.height),
});

/** Whether the frame reaches beyond the picture. @param {Rect} frame @param {Size} picture */
export const reachesOut = (frame, picture) => Object.values(margins(frame, picture)).some((margin) => margin > 0);

/** Whether the frame cuts something off. @param {Rect} frame @param {Size} picture */
export function cutsOff(frame, picture) {
  const kept = overlap(frame, picture);
  return kept !== null && (kept.width < picture.width || kept.height < picture.height);
}

/** @param {Rect} frame @param {Size} picture */
function legal(frame, picture) {
  const kept = overlap(frame, picture);
  const canvas = around(frame, picture);
  return frame.width >= LEAST_SIDE && frame.height >= LEAST_SIDE && kept !== null
    && kept.width * kept.height >= frame.width * frame.height * LEAST_SHARE
    && canvas.width <= MOST_SIDE && canvas.height <= MOST_SIDE && canvas.width * canvas.height <= MOST_PIXELS;
}

/** The legal frame nearest to a wish on the straight way from one that is legal. @param {Rect} from @param {Rect} wish @param {Size} picture @returns {Rect} */
function towards(from, wish, picture) {
  if (legal(wish, picture)) return wish;
  const mixed = (/** @type {number} */ t) => {
    const at = (/** @type {keyof Rect} */ side) => Math.round(from[side] + (wish[side] - from[side]) * t);
    return { x: at('x'), y: at('y'), width: at('width'), height: at('height') };
  };
  let [low, high] = [0, 1];
  for (let i = 0; i < 16; i++) {
    const middle = (low + high) / 2;
    if (legal(mixed(middle), picture)) low = middle;
    else high = middle;
  }
  return legal(mixed(low), picture) ? mixed(low) : from;
}

/** Moves the frame; it stops where less than an eighth of it would lie on the picture. @param {Rect} frame @param {number} dx @param {number} dy @param {Size} picture @returns {Rect} */
export function moved(frame, dx, dy, picture) {
  const along = (/** @type {Rect} */ from, /** @type {number} */ x, /** @type {number} */ y) =>
    towards(from, { ...from, x: Math.round(from.x + x), y: Math.round(from.y + y) }, picture);
  // One direction after the other: a frame that is stopped sideways still slides up and down.
  return Math.abs(dx) > Math.abs(dy) ? along(along(frame, dx, 0), 0, dy) : along(along(frame, 0, dy), dx, 0);
}

/** Moves a handle. With a `ratio` the other side follows. @param {Rect} frame @param {Handle} handle @param {number} dx @param {number} dy @param {Size} picture @param {number} [ratio] @returns {Rect} */
export function resized(frame, handle, dx, dy, picture, ratio) {
  let width = Math.max(LEAST_SIDE, frame.width + dx * handle.x);
  let height = Math.max(LEAST_SIDE, frame.height + dy * handle.y);
  if (ratio) {
    if (handle.x === 0 || (handle.y !== 0 && width / height < ratio)) width = height * ratio;
    else height = width / ratio;
  }
  [width, height] = [Math.round(width), Math.round(height)];
  const wish = {
    x: Math.round(handle.x < 0 ? frame.x + frame.width - width : handle.x > 0 ? frame.x : frame.x + (frame.width - width) / 2),
    y: Math.round(handle.y < 0 ? frame.y + frame.height - height : handle.y > 0 ? frame.y : frame.y + (frame.height - height) / 2),
    width, height,
  };
  if (handle.x === 0 && !ratio) wish.x = frame.x;
  if (handle.y === 0 && !ratio) wish.y = frame.y;
  return towards(frame, wish, picture);
}

/** Draws the sides that a handle moves (a handle of 0, 0: the whole frame) to the picture's edges and middle. @param {Rect} frame @param {Handle} handle @param {Size} picture @param {number} reach @returns {{frame: Rect, snapped: boolean}} */
export function snapped(frame, handle, picture, reach) {
  const axis = (/** @type {number} */ start, /** @type {number} */ length, /** @type {number} */ whole, /** @type {number} */ side) => {
    /** @type {[number, number][]} the shift and what it would be drawn to */
    const ways = [];
    if (side <= 0) ways.push([-start, 0], [whole - start, 0]);
    if (side >= 0) ways.push([whole - start - length, 0], [-start - length, 0]);
    if (side === 0) ways.push([whole / 2 - start - length / 2, 0]);
    const best = ways.map(([way]) => way).sort((a, b) => Math.abs(a) - Math.abs(b))[0] ?? Infinity;
    return Math.abs(best) <= reach ? Math.round(best) : null;
  };
  const still = handle.x === 0 && handle.y === 0;
  const dx = handle.x || still ? axis(frame.x, frame.width, picture.width, handle.x) : null;
  const dy = handle.y || still ? axis(frame.y, frame.height, picture.height, handle.y) : null;
  const wish = still
    ? { ...frame, x: frame.x + (dx ?? 0), y: frame.y + (dy ?? 0) }
    : {
        x: frame.x + (handle.x < 0 ? (dx ?? 0) : 0),
        y: frame.y + (handle.y < 0 ? (dy ?? 0) : 0),
        width: frame.width + handle.x * (dx ?? 0),
        height: frame.height + handle.y * (dy ?? 0),
      };
  const found = dx !== null || dy !== null;
  return found && legal(wish, picture) ? { frame: wish, snapped: true } : { frame, snapped: false };
}

/** Margins in whole steps, so that sides that were not drawn to an edge are multiples of 8 beyond it. @param {Rect} frame @param {Size} picture @returns {Rect} */
export function rounded(frame, picture) {
  const [right, bottom] = [frame.x + frame.width - picture.width, frame.y + frame.height - picture.height];
  const [x, y] = [toStep(frame.x), toStep(frame.y)];
  const wish = { x, y, width: picture.width + toStep(right) - x, height: picture.height + toStep(bottom) - y };
  return legal(wish, picture) ? wish : frame;
}

/** The frames that a button sets. @param {string} kind @param {Rect} frame @param {Size} picture @returns {Rect} */
export function quick(kind, frame, picture) {
  const { width, height } = picture;
  const third = (/** @type {number} */ side) => Math.max(STEP, toStep(side / 3));
  const grown = (/** @type {number} */ w, /** @type {number} */ h) => {
    const [more, higher] = [Math.max(0, toStep(w - width)), Math.max(0, toStep(h - height))];
    return { x: -Math.floor(more / 2 / STEP) * STEP, y: -Math.floor(higher / 2 / STEP) * STEP, width: width + more, height: height + higher };
  };
  const shape = (/** @type {number} */ ratio) => (width / height < ratio ? grown(height * ratio, height) : grown(width, width / ratio));
  const wish = {
    left: () => ({ ...frame, x: frame.x - third(width), width: frame.width + third(width) }),
    right: () => ({ ...frame, width: frame.width + third(width) }),
    up: () => ({ ...frame, y: frame.y - third(height), height: frame.height + third(height) }),
    down: () => ({ ...frame, height: frame.height + third(height) }),
    'zoom-1.5': () => grown(width * 1.5, height * 1.5),
    'zoom-2': () => grown(width * 2, height * 2),
    square: () => shape(1),
    wide: () => shape(16 / 9),
    tall: () => shape(9 / 16),
  }[kind];
  return wish ? towards(frame, wish(), picture) : frame;
}

/** A window of a size around a point; over the picture as far as that goes. @param {number} side @param {{x: number, y: number}} middle @param {Size} picture @returns {Rect} */
export function windowAt(side, middle, picture) {
  const along = (/** @type {number} */ at, /** @type {number} */ length) =>
    length <= side ? Math.round((length - side) / 2) : Math.round(clamp(at - side / 2, 0, length - side));
  const wish = { x: along(middle.x, picture.width), y: along(middle.y, picture.height), width: side, height: side };
  return wish;
}

/** How large windows may be here: those of `sides` that are not more than eight times the picture. @param {number[]} sides @param {Size} picture */
export const windowSides = (sides, picture) => sides.filter((side) => legal(windowAt(side, { x: picture.width / 2, y: picture.height / 2 }, picture), picture));
