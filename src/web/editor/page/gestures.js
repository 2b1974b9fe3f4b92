// Fingers, pen and mouse on the stage: the tool, two fingers to pan and zoom, taps of two and three to undo and redo.

import { HANDLES, moved, resized, rounded, snapped, whole } from './frame.js';
import { pinch, toScreen, zoomTo } from './geometry.js';
import { now, update } from './state.js';
import { haptic } from './telegram.js';

/** @typedef {import('./geometry.js').Point} Point */
/** @typedef {import('./frame.js').Handle} Handle */
/** What a finger does between going down and up. @typedef {{move: (points: (Point & {pressure: number})[]) => void, end: () => void, cancel: () => void}} Action */

const PALM_TIME = 800;
const TAP_TIME = 300;
const TAP_MOVE = 12;
const SNAP = 8;
const STILL = { x: /** @type {const} */ (0), y: /** @type {const} */ (0) };

/**
 * @param {import('./canvas.js').Stage} stage
 * @param {{undo: () => void, redo: () => void, stroke: () => void}} acts `stroke` runs after each finished change
 */
export function listenToPointers(stage, acts) {
  const { canvas } = stage;
  /** @type {Map<number, Point>} */
  const fingers = new Map();
  /** @type {Action | null} */
  let action = null;
  let owner = -1;
  let space = false;
  let penAt = -Infinity;
  let tap = { at: 0, most: 0, moved: 0 };
  let lastTap = { at: -Infinity, x: 0, y: 0 };

  const at = (/** @type {MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const stop = (/** @type {'end' | 'cancel'} */ how) => {
    action?.[how]();
    action = null;
    owner = -1;
  };

  canvas.addEventListener('pointerdown', (event) => {
    const pen = event.pointerType === 'pen';
    const touch = event.pointerType === 'touch';
    if (pen && !now().penOnly) update({ penOnly: true });
    if (pen) penAt = event.timeStamp;
    // The palm of the hand that holds the pen.
    if (touch && event.timeStamp - penAt < PALM_TIME) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    const point = at(event);
    if (touch) {
      fingers.set(event.pointerId, point);
      if (fingers.size === 1) tap = { at: event.timeStamp, most: 1, moved: 0 };
      tap.most = Math.max(tap.most, fingers.size);
      if (fingers.size > 1) {
        // The begun stroke was none.
        stop('cancel');
        return;
      }
    }
    if (action) return;
    try { canvas.setPointerCapture(event.pointerId); } catch { /* It is gone already. */ }
    const pan = space || event.button === 1 || (touch && now().penOnly && now().tool !== 'frame');
    if (event.pointerType === 'mouse' && event.button !== 0 && event.button !== 1) return;
    owner = event.pointerId;
    action = pan || !now().picture ? panning(stage, point) : begin(stage, point, event, touch, acts.stroke);
    action.move([{ ...point, pressure: event.pressure }]);
  });

  canvas.addEventListener('pointermove', (event) => {
    const point = at(event);
    if (event.pointerType !== 'touch') {
      stage.point(point);
    }
    if (event.pointerType === 'pen') penAt = event.timeStamp;
    const before = fingers.get(event.pointerId);
    if (before) tap.moved += Math.hypot(point.x - before.x, point.y - before.y);
    if (before && fingers.size === 2) {
      const [[, other] = [0, before]] = [...fingers].filter(([id]) => id !== event.pointerId);
      stage.look(pinch(stage.camera, [before, other], [point, other]));
    }
    if (before) fingers.set(event.pointerId, point);
    if (event.pointerId !== owner || !action) return;
    const events = event.getCoalescedEvents?.() ?? [];
    action.move((events.length ? events : [event]).map((one) => ({ ...at(one), pressure: one.pressure })));
  });

  const up = (/** @type {PointerEvent} */ event) => {
    const touched = fingers.delete(event.pointerId);
    const quick = event.timeStamp - tap.at < TAP_TIME && tap.moved < TAP_MOVE;
    if (touched && fingers.size === 0 && tap.most > 1 && quick) (tap.most === 2 ? acts.undo : acts.redo)();
    if (event.pointerId !== owner) return;
    stop('end');
    if (now().tool !== 'hand' || !(quick || event.pointerType === 'mouse')) return;
    const point = at(event);
    const double = event.timeStamp - lastTap.at < 350 && Math.hypot(point.x - lastTap.x, point.y - lastTap.y) < 30;
    lastTap = double ? { at: -Infinity, x: 0, y: 0 } : { at: event.timeStamp, ...point };
    if (!double) return;
    if (stage.fitted) stage.look(zoomTo(stage.camera, 1 / stage.factor, point));
    else stage.fit();
  };
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointercancel', (event) => {
    fingers.delete(event.pointerId);
    if (event.pointerId === owner) stop('cancel');
  });
  canvas.addEventListener('pointerleave', () => {
    stage.point(null);
  });
  canvas.addEventListener('contextmenu', (event) => event.preventDefault());
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    const step = event.deltaMode ? event.deltaY * 16 : event.deltaY;
    stage.look(zoomTo(stage.camera, stage.camera.scale * Math.exp(-step * (event.ctrlKey ? 0.01 : 0.0015)), at(event)));
  }, { passive: false });
  addEventListener('keydown', (event) => { if (event.code === 'Space' && document.activeElement === canvas) { space = true; event.preventDefault(); } });
  addEventListener('keyup', (event) => { if (event.code === 'Space') space = false; });
}

/** @param {import('./canvas.js').Stage} stage @param {Point} point @param {PointerEvent} event @param {boolean} touch @param {() => void} done @returns {Action} */
function begin(stage, point, event, touch, done) {
  const { tool } = now();
  if (tool === 'hand') return panning(stage, point);
  if (tool === 'frame') return framing(stage, point, touch, done);
  if (tool === 'rectangle') return boxing(stage, point, event.altKey, done);
  const erasing = tool === 'eraser' || (event.pointerType === 'pen' && (event.buttons & 32) !== 0);
  return brushing(stage, erasing ? 0 : 255, event.pointerType === 'pen', done);
}

/** @param {import('./canvas.js').Stage} stage @param {Point} from @returns {Action} */
function panning(stage, from) {
  let last = from;
  const nothing = () => {};
  return {
    end: nothing, cancel: nothing,
    move(points) {
      const to = points[points.length - 1] ?? last;
      if (to.x === last.x && to.y === last.y) return;
      stage.look({ ...stage.camera, x: stage.camera.x + to.x - last.x, y: stage.camera.y + to.y - last.y });
      last = to;
    },
  };
}

/** @param {import('./canvas.js').Stage} stage @param {number} value @param {boolean} pen @param {() => void} done @returns {Action} */
function brushing(stage, value, pen, done) {
  const radius = now().brush / 2 / stage.camera.scale;
  /** @type {Point | null} */
  let last = null;
  stage.mask.begin();
  return {
    move(points) {
      for (const point of points) {
        const next = stage.toView(point);
        const from = last ?? next;
        stage.touch(stage.mask.capsule(from.x, from.y, next.x, next.y, radius * (pen ? 0.4 + 0.6 * point.pressure : 1), value));
        last = next;
      }
    },
    end() {
      stage.mask.commit();
      stage.changed(null);
      done();
    },
    cancel() { stage.changed(stage.mask.cancel()); },
  };
}

/** @param {import('./canvas.js').Stage} stage @param {Point} from @param {boolean} erase @param {() => void} done @returns {Action} */
function boxing(stage, from, erase, done) {
  const a = stage.toView(from);
  let b = a;
  const clear = () => { stage.box = null; stage.draw(); };
  return {
    move(points) {
      b = stage.toView(points[points.length - 1] ?? from);
      stage.box = { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
      stage.draw();
    },
    end() {
      clear();
      if (Math.hypot(a.x - b.x, a.y - b.y) * stage.camera.scale < 4) return;
      stage.mask.begin();
      const box = stage.mask.rectangle(a.x, a.y, b.x, b.y, erase ? 0 : 255);
      stage.mask.commit();
      stage.changed(box);
      done();
    },
    cancel: clear,
  };
}

/** @param {import('./canvas.js').Stage} stage @param {Point} from @param {boolean} touch @param {() => void} done @returns {Action} */
function framing(stage, from, touch, done) {
  const { picture, frame: before, frameLocked } = now();
  if (!picture) return panning(stage, from);
  const start = before ?? whole(picture);
  const handle = grabbed(stage, start, from, touch ? 22 : 10, frameLocked);
  if (!handle) return panning(stage, from);
  const scale = stage.camera.scale * stage.factor;
  let drawn = false;
  return {
    move(points) {
      const to = points[points.length - 1] ?? from;
      const [dx, dy] = [(to.x - from.x) / scale, (to.y - from.y) / scale];
      const still = handle.x === 0 && handle.y === 0;
      const next = still ? moved(start, dx, dy, picture) : resized(start, handle, dx, dy, picture);
      const { frame, snapped: found } = snapped(next, handle, picture, SNAP / scale);
      if (found && !drawn) haptic('selection');
      drawn = found;
      update({ frame });
    },
    end() {
      const { frame } = now();
      if (frame && !frameLocked) update({ frame: rounded(frame, picture) });
      done();
    },
    cancel() { update({ frame: before }); },
  };
}

/** Which handle is below a point; the whole frame where it is inside. @param {import('./canvas.js').Stage} stage @param {import('./geometry.js').Rect} frame @param {Point} at @param {number} reach @param {boolean} locked @returns {Handle | null} */
function grabbed(stage, frame, at, reach, locked) {
  const box = stage.inView(frame);
  const [a, b] = [toScreen(stage.camera, box), toScreen(stage.camera, { x: box.x + box.width, y: box.y + box.height })];
  if (!locked) {
    const near = HANDLES.map((handle) => ({ handle, far: Math.max(Math.abs(at.x - (a.x + ((b.x - a.x) * (handle.x + 1)) / 2)), Math.abs(at.y - (a.y + ((b.y - a.y) * (handle.y + 1)) / 2))) }));
    const best = near.sort((one, two) => one.far - two.far)[0];
    if (best && best.far <= reach) return best.handle;
  }
  return at.x >= a.x && at.x <= b.x && at.y >= a.y && at.y <= b.y ? STILL : null;
}
