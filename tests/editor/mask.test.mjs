// The mask of the editor: what a brush marks, and what undo brings back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mask } from '../../src/web/editor/page/mask.js';
import { decode, encode, fromText, toText } from '../../src/web/editor/page/rle.js';

/** Random numbers that are the same each time. */
function dice(seed) {
  return () => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

const distance = (px, py, ax, ay, bx, by) => {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const along = square ? Math.min(1, Math.max(0, ((px - ax) * dx + (py - ay) * dy) / square)) : 0;
  return Math.hypot(px - ax - along * dx, py - ay - along * dy);
};

test('a stroke marks just the pixels within its radius', () => {
  const roll = dice(7);
  let wrong = 0;
  for (let n = 0; n < 300; n++) {
    const mask = new Mask(64, 48);
    const [ax, ay, bx, by] = [roll() * 90 - 12, roll() * 70 - 12, roll() * 90 - 12, roll() * 70 - 12];
    const straight = [[ax, ay, bx, by], [ax, ay, ax, by], [ax, ay, bx, ay], [ax, ay, ax, ay]][n % 4];
    const radius = 0.5 + roll() * 20;
    mask.capsule(...straight, radius, 255);
    for (let y = 0; y < 48; y++) {
      for (let x = 0; x < 64; x++) {
        const far = distance(x + 0.5, y + 0.5, ...straight);
        if (Math.abs(far - radius) > 1e-9 && far < radius !== mask.pixels[y * 64 + x] > 0) wrong++;
      }
    }
  }
  assert.equal(wrong, 0);
});

test('widening marks everything within the radius and nothing else', () => {
  const mask = new Mask(120, 90);
  mask.capsule(20, 20, 70, 60, 4, 255);
  mask.rectangle(100, 0, 120, 3, 255);
  mask.commit();
  const before = mask.pixels.slice();
  mask.widen(9);
  for (let y = 0; y < 90; y++) {
    for (let x = 0; x < 120; x++) {
      let near = false;
      for (let v = Math.max(0, y - 9); v <= Math.min(89, y + 9) && !near; v++) {
        for (let u = Math.max(0, x - 9); u <= Math.min(119, x + 9) && !near; u++) near = before[v * 120 + u] > 0 && Math.hypot(u - x, v - y) <= 9;
      }
      assert.equal(mask.pixels[y * 120 + x] > 0, near, `${x},${y}`);
    }
  }
});

test('undo and redo go to and fro through every step, bit for bit', () => {
  const roll = dice(3);
  const mask = new Mask(500, 300);
  const states = [mask.pixels.slice()];
  for (let n = 0; n < 60; n++) {
    const kind = Math.floor(roll() * 6);
    if (kind === 0) mask.invert();
    else if (kind === 1) mask.widen(5);
    else if (kind === 2 && n % 7 === 0) mask.clear();
    else {
      mask.begin();
      for (let i = 0; i < 5; i++) mask.capsule(roll() * 500, roll() * 300, roll() * 500, roll() * 300, 2 + roll() * 20, kind === 3 ? 0 : 255);
      if (kind === 4) mask.rectangle(roll() * 500, roll() * 300, roll() * 500, roll() * 300, 255);
      mask.commit();
    }
    if (mask.done.length + 1 > states.length) states.push(mask.pixels.slice());
  }
  for (let round = 0; round < 2; round++) {
    for (let n = states.length - 2; n >= 0; n--) {
      mask.undo();
      assert.deepEqual(mask.pixels, states[n]);
    }
    assert.equal(mask.canUndo, false);
    assert.equal(mask.empty, true);
    for (let n = 1; n < states.length; n++) {
      mask.redo();
      assert.deepEqual(mask.pixels, states[n]);
    }
    assert.equal(mask.canRedo, false);
  }
  assert.equal(mask.marked, mask.pixels.filter(Boolean).length);
});

test('a stroke that is called off leaves nothing, not even a step', () => {
  const mask = new Mask(300, 300);
  mask.rectangle(10, 10, 40, 40, 255);
  mask.commit();
  const before = mask.pixels.slice();
  mask.begin();
  mask.capsule(0, 0, 300, 300, 30, 255);
  const box = mask.cancel();
  assert.deepEqual(mask.pixels, before);
  assert.deepEqual(box, { x0: 0, y0: 0, x1: 300, y1: 300 });
  assert.equal(mask.done.length, 1);
  mask.begin();
  mask.commit();
  assert.equal(mask.done.length, 1, 'a step without a change is none');
});

test('two hundred huge strokes stay within a hundred steps and a few megabytes', () => {
  const roll = dice(5);
  const mask = new Mask(2048, 1536);
  for (let n = 0; n < 200; n++) {
    mask.begin();
    for (let i = 0; i < 6; i++) mask.capsule(roll() * 2048, roll() * 1536, roll() * 2048, roll() * 1536, 100, n % 2 ? 0 : 255);
    mask.commit();
  }
  assert.ok(mask.done.length <= 100);
  assert.ok(mask.stepBytes < 16 * 1024 * 1024, `${mask.stepBytes}`);
});

test('the mask is the same after it was kept as text', () => {
  const mask = new Mask(2048, 1536);
  mask.capsule(100, 100, 1900, 1400, 60, 255);
  mask.commit();
  const text = toText(mask.save());
  assert.ok(text.length < 20_000, `${text.length}`);
  const again = new Mask(2048, 1536);
  assert.equal(again.load(fromText(text)), true);
  assert.deepEqual(again.pixels, mask.pixels);
  assert.equal(new Mask(100, 100).load(fromText(text)), false, 'another size');
});

test('runs of any pattern come back', () => {
  const roll = dice(9);
  for (const length of [0, 1, 2, 127, 128, 129, 20_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i % 300 < 200 ? 255 * Math.round(roll()) : 255));
    const back = new Uint8Array(length);
    assert.equal(decode(encode(bytes), back), true);
    assert.deepEqual(back, bytes);
  }
  assert.equal(decode(Uint8Array.of(200), new Uint8Array(9)), false, 'cut off');
  assert.equal(decode(Uint8Array.of(255, 255, 255, 255, 255, 255, 1), new Uint8Array(9)), false, 'too long');
});
