// The frame and the camera of the editor, and what the main button will do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as frames from '../../src/web/editor/page/frame.js';
import { fit, keepInSight, pinch, toScreen, toView, zoomTo } from '../../src/web/editor/page/geometry.js';
import { plan, request, takesMask } from '../../src/web/editor/page/task.js';

const PICTURE = { width: 4000, height: 3000 };
const whole = frames.whole(PICTURE);
const close = (a, b) => Math.abs(a - b) < 1e-6;

test('a frame that reaches out has margins on just those sides', () => {
  assert.deepEqual(frames.margins({ x: -272, y: 0, width: 4272, height: 3000 }, PICTURE), { left: 272, top: 0, right: 0, bottom: 0 });
  assert.deepEqual(frames.margins({ x: 8, y: -16, width: 4000, height: 4000 }, PICTURE), { left: 0, top: 16, right: 8, bottom: 984 });
  assert.equal(frames.reachesOut(whole, PICTURE), false);
  assert.equal(frames.cutsOff({ x: 8, y: -16, width: 4000, height: 4000 }, PICTURE), true);
  assert.deepEqual(frames.overlap({ x: 3900, y: 2900, width: 768, height: 768 }, PICTURE), { x: 3900, y: 2900, width: 100, height: 100 });
  assert.equal(frames.overlap({ x: 4000, y: 0, width: 768, height: 768 }, PICTURE), null);
});

test('wherever it is pushed, an eighth of it stays on the picture', () => {
  for (const [dx, dy] of [[-9e5, 0], [9e5, 0], [0, -9e5], [0, 9e5], [9e5, 9e5], [-9e5, 7e5], [300, -200]]) {
    for (const side of [64, 768, 1536]) {
      const start = frames.windowAt(side, { x: 2000, y: 1500 }, PICTURE);
      const there = frames.moved(start, dx, dy, PICTURE);
      const { width, height } = frames.overlap(there, PICTURE);
      assert.ok(width * height >= (side * side) / 8, `${dx},${dy},${side}`);
      assert.deepEqual([there.width, there.height], [side, side]);
    }
  }
  const slid = frames.moved(frames.windowAt(768, { x: 2000, y: 1500 }, PICTURE), -9e5, 40, PICTURE);
  assert.equal(slid.y, 1156, 'stopped sideways, it still goes down');
});

test('a handle keeps its opposite side, and no frame is too small or too large', () => {
  for (const handle of frames.HANDLES) {
    for (const [dx, dy] of [[500, 300], [-500, -300], [9e6, 9e6], [-9e6, -9e6]]) {
      const next = frames.resized(whole, handle, dx, dy, PICTURE);
      if (handle.x < 0) assert.equal(next.x + next.width, 4000);
      if (handle.x > 0) assert.equal(next.x, 0);
      if (handle.y < 0) assert.equal(next.y + next.height, 3000);
      if (handle.x === 0) assert.deepEqual([next.x, next.width], [0, 4000]);
      const canvas = frames.around(next, PICTURE);
      assert.ok(next.width >= frames.LEAST_SIDE && next.height >= frames.LEAST_SIDE);
      assert.ok(canvas.width <= 16384 && canvas.height <= 16384 && canvas.width * canvas.height <= 50e6);
    }
  }
});

test('it snaps to edges and the middle, and only within reach', () => {
  const at = (x, y) => ({ x, y, width: 1000, height: 1000 });
  const still = { x: 0, y: 0 };
  assert.deepEqual(frames.snapped(at(5, 700), still, PICTURE, 8), { frame: at(0, 700), snapped: true });
  assert.deepEqual(frames.snapped(at(1495, 1994), still, PICTURE, 8).frame, at(1500, 2000));
  assert.deepEqual(frames.snapped(at(700, 700), still, PICTURE, 8), { frame: at(700, 700), snapped: false });
  const right = frames.snapped({ x: 0, y: 0, width: 3995, height: 3000 }, { x: 1, y: 0 }, PICTURE, 8);
  assert.deepEqual(right.frame, whole);
});

test('margins are in steps of eight', () => {
  const next = frames.rounded({ x: -13, y: -21, width: 4040, height: 3100 }, PICTURE);
  for (const margin of Object.values(frames.margins(next, PICTURE))) assert.equal(margin % 8, 0);
  const odd = { width: 641, height: 480 };
  assert.equal(frames.margins(frames.rounded({ x: 0, y: 0, width: 700, height: 480 }, odd), odd).right % 8, 0);
});

test('the buttons beside it set the frames they name', () => {
  for (const kind of ['left', 'right', 'up', 'down']) assert.equal(Object.values(frames.margins(frames.quick(kind, whole, PICTURE), PICTURE)).filter(Boolean).length, 1, kind);
  const square = frames.quick('square', whole, PICTURE);
  assert.deepEqual([square.width, square.height], [4000, 4000]);
  for (const [kind, ratio] of [['wide', 16 / 9], ['tall', 9 / 16]]) {
    const { width, height } = frames.quick(kind, whole, PICTURE);
    assert.ok(Math.abs(width / height - ratio) < 0.01, kind);
  }
  const twice = frames.quick('zoom-2', whole, PICTURE);
  assert.ok(twice.width * twice.height <= 50e6, 'twice a 12 Mpx picture is just below the limit');
  assert.deepEqual(frames.quick('left', frames.quick('right', whole, PICTURE), PICTURE), { x: -1336, y: 0, width: 6672, height: 3000 });
});

test('windows are offered where an eighth of them can lie on the picture', () => {
  assert.deepEqual(frames.windowSides([768, 1152, 1536], PICTURE), [768, 1152, 1536]);
  assert.deepEqual(frames.windowSides([768, 1152, 1536], { width: 300, height: 300 }), [768]);
  assert.deepEqual(frames.windowSides([768, 1152, 1536], { width: 2000, height: 1 }), []);
});

test('screen and view go to and fro, and zooming keeps the point', () => {
  const camera = fit({ x: 0, y: 0, width: 2048, height: 1536 }, { x: 10, y: 20, width: 370, height: 600 });
  const point = { x: 123, y: 456 };
  const back = toScreen(camera, toView(camera, point));
  assert.ok(close(back.x, point.x) && close(back.y, point.y));
  const nearer = zoomTo(camera, camera.scale * 3, point);
  const still = toScreen(nearer, toView(camera, point));
  assert.ok(close(still.x, point.x) && close(still.y, point.y));
  assert.equal(zoomTo(camera, 1e9, point).scale, 16);
  const moved = pinch(camera, [{ x: 100, y: 100 }, { x: 200, y: 100 }], [{ x: 120, y: 130 }, { x: 320, y: 130 }]);
  assert.ok(close(moved.scale, camera.scale * 2));
  assert.ok(close(toScreen(moved, toView(camera, { x: 150, y: 100 })).x, 220));
  const lost = keepInSight({ ...camera, x: 99999, y: -99999 }, { x: 0, y: 0, width: 2048, height: 1536 }, { width: 390, height: 640 });
  assert.ok(lost.x < 390 && lost.y + 1536 * lost.scale > 0);
});

const STATE = {
  session: { model: { inpaint: true } }, picture: null, frame: null, frameLocked: false, maskEmpty: true, parts: [], prompt: '', negative: '', style: 'none', ratio: '3:2',
  strength: 50, closeness: 30, count: 2, seed: '', steps: 0, ownWeight: 50, textWeight: 50,
};
const photo = { id: 'p_1', width: 4000, height: 3000 };
const told = (patch) => plan({ ...STATE, ...patch });

test('the button says what will be done', () => {
  const kinds = [
    [{}, 'text', false], [{ prompt: 'кот' }, 'text', true], [{ prompt: '  ' }, 'text', false],
    [{ picture: photo, maskEmpty: false }, 'inpaint', true], [{ picture: photo, prompt: 'кот' }, 'change', true], [{ picture: photo }, 'variation', true],
    [{ picture: photo, frame: frames.quick('left', whole, photo) }, 'outpaint', true], [{ picture: photo, frame: whole, prompt: 'кот' }, 'change', true],
    [{ picture: photo, frame: { x: 0, y: 0, width: 2000, height: 3000 } }, 'crop', true],
    [{ picture: photo, frame: { x: 100, y: 100, width: 768, height: 768 }, frameLocked: true }, 'window', false],
    [{ picture: photo, frame: { x: 100, y: 100, width: 768, height: 768 }, frameLocked: true, maskEmpty: false }, 'window', true],
    [{ picture: photo, frame: { x: -100, y: 100, width: 768, height: 768 }, frameLocked: true }, 'window', true],
    [{ parts: [{ picture: photo, weight: 50 }] }, 'mix', false], [{ parts: [{ picture: photo, weight: 50 }], prompt: 'кот' }, 'mix', true],
    [{ picture: { ...photo, transparent: true } }, 'inpaint', true],
    [{ picture: photo, maskEmpty: false, session: { model: { inpaint: false } } }, 'variation', true],
  ];
  for (const [patch, kind, ready] of kinds) {
    const { kind: found, ready: can, missing } = told(patch);
    assert.deepEqual([found, can], [kind, ready], JSON.stringify(patch));
    if (!ready) assert.ok(missing);
  }
});

test('the request holds what the task takes and nothing else', () => {
  const asked = (patch) => { const state = { ...STATE, ...patch }; return request(state, plan(state)); };
  assert.deepEqual(asked({ prompt: ' кот ' }), { kind: 'text', prompt: 'кот', negative: '', style: 'none', count: 2, seed: null, steps: null, ratio: '3:2' });
  assert.equal(asked({ picture: photo, prompt: 'кот', seed: '42' }).seed, 42);
  assert.equal(asked({ picture: photo, prompt: 'кот', seed: '9007199254740993' }).seed, '9007199254740993', 'beyond 2^53 as text');
  assert.equal(asked({ picture: photo, prompt: 'кот' }).strength, 0.5);
  assert.equal(asked({ picture: photo }).closeness, 0.3);
  const window = { x: -100, y: 100, width: 768, height: 768 };
  const filled = asked({ picture: photo, frame: window, frameLocked: true });
  assert.deepEqual([filled.kind, filled.window, filled.picture], ['inpaint', window, 'p_1']);
  const mixed = asked({ picture: photo, parts: [{ picture: { id: 'p_2' }, weight: 25 }], prompt: 'кот' });
  assert.deepEqual(mixed.parts, [{ picture: 'p_1', weight: 0.5 }, { picture: 'p_2', weight: 0.25 }, { text: 'кот', weight: 0.5 }]);
  assert.equal(mixed.prompt, undefined);
  assert.deepEqual(['inpaint', 'window', 'outpaint', 'change'].map(takesMask), [true, true, false, false]);
});
