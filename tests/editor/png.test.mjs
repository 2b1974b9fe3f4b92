// The masks that the editor sends, read by a PNG reader of a few lines.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { Mask } from '../../src/web/editor/page/mask.js';
import { encodePng, stored } from '../../src/web/editor/page/png.js';

/** A PNG of one bit a pixel without filters: its pixels, after every checksum has been compared. */
export function readPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  assert.deepEqual([...bytes.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks = new Map();
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, at + 8 + length);
    assert.equal(view.getUint32(at + 8 + length), crc(bytes.subarray(at + 4, at + 8 + length)), name);
    chunks.set(name, data);
    at += 12 + length;
  }
  assert.deepEqual([...chunks.keys()], ['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR');
  const [width, height] = [0, 4].map((at) => new DataView(header.buffer, header.byteOffset + at, 4).getUint32(0));
  assert.deepEqual([...header.subarray(8)], [1, 0, 0, 0, 0], 'one bit, grey, no transparency');
  const rows = inflateSync(chunks.get('IDAT'));
  const stride = 1 + Math.ceil(width / 8);
  assert.equal(rows.length, stride * height);
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    assert.equal(rows[y * stride], 0, 'no filter');
    for (let x = 0; x < width; x++) pixels[y * width + x] = rows[y * stride + 1 + (x >> 3)] & (128 >> (x & 7)) ? 255 : 0;
  }
  return { width, height, pixels };
}

function crc(bytes) {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}

for (const [width, height] of [[1, 1], [7, 3], [8, 2], [9, 5], [2048, 38], [640, 480]]) {
  for (const way of [undefined, stored]) {
    test(`a mask of ${width}×${height} is what was painted${way ? ', in a browser that can not compress' : ''}`, async () => {
      const mask = new Mask(width, height);
      mask.capsule(0, 0, width * 0.7, height * 0.9, Math.max(1, height / 6), 255);
      mask.rectangle(width - 1, 0, width, 1, 255);
      const bytes = await encodePng(mask.pixels, width, height, way);
      assert.deepEqual(readPng(bytes), { width, height, pixels: mask.pixels });
    });
  }
}

test('a mask of a large view is small and quickly made', async () => {
  const mask = new Mask(2048, 1536);
  for (let n = 0; n < 40; n++) mask.capsule((n * 173) % 2048, (n * 97) % 1536, (n * 371) % 2048, (n * 211) % 1536, 40, 255);
  const start = performance.now();
  const bytes = await encodePng(mask.pixels, 2048, 1536);
  const took = performance.now() - start;
  assert.ok(bytes.length < 50 * 1024, `${bytes.length} bytes`);
  assert.ok(took < 50 * 3, `${took} ms`);
});
