// Pictures for the editor's tests: a landscape, PNG in both directions.

import { deflateSync, inflateSync, crc32 } from 'node:zlib';

/** A picture of four bytes a pixel. */
export const canvas = (width, height) => ({ width, height, data: new Uint8Array(width * height * 4) });

/** A moon above hills, in colours that go by a number. */
export function landscape(width, height, seed = 0) {
  const picture = canvas(width, height);
  const skies = [[[35, 44, 92], [242, 150, 110]], [[20, 60, 80], [140, 210, 200]], [[70, 30, 80], [250, 180, 140]], [[30, 30, 50], [120, 140, 200]], [[190, 214, 235], [250, 235, 215]]];
  const [top, low] = skies[seed % skies.length];
  const moon = { x: width * (0.3 + 0.1 * (seed % 5)), y: height * 0.3, r: Math.min(width, height) * 0.13 };
  const pixels = new Uint32Array(picture.data.buffer);
  const packed = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  const hills = [0, 1, 2].map((hill) => packed([top[0] * (0.9 - hill * 0.28), top[1] * (1 - hill * 0.3), top[2] * (0.95 - hill * 0.25)]));
  const ridges = [0, 1, 2].map((hill) => Float64Array.from({ length: width }, (_, x) => height * (0.62 + hill * 0.13 + 0.05 * Math.sin((x / width) * (5 + hill * 2) + hill * 2 + seed))));
  const light = packed([252, 238, 190]);
  for (let y = 0; y < height; y++) {
    const sky = packed([0, 1, 2].map((i) => top[i] + ((low[i] - top[i]) * y) / height));
    for (let x = 0; x < width; x++) {
      let colour = (x - moon.x) ** 2 + (y - moon.y) ** 2 < moon.r ** 2 ? light : sky;
      for (let hill = 0; hill < 3; hill++) if (y > ridges[hill][x]) colour = hills[hill];
      pixels[y * width + x] = colour;
    }
  }
  return picture;
}

/** The nearest pixels. */
export function resized(picture, width, height) {
  const out = canvas(width, height);
  const from = new Uint32Array(picture.data.buffer);
  const to = new Uint32Array(out.data.buffer);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * picture.height) / height) * picture.width;
    for (let x = 0; x < width; x++) to[y * width + x] = from[row + Math.floor((x * picture.width) / width)];
  }
  return out;
}

/** Puts a picture onto another. */
export function pasted(onto, picture, left, top) {
  const [from, to] = [new Uint32Array(picture.data.buffer), new Uint32Array(onto.data.buffer)];
  for (let y = Math.max(0, -top); y < Math.min(picture.height, onto.height - top); y++) {
    const [x0, x1] = [Math.max(0, -left), Math.min(picture.width, onto.width - left)];
    if (x1 > x0) to.set(from.subarray(y * picture.width + x0, y * picture.width + x1), (y + top) * onto.width + x0 + left);
  }
  return onto;
}

export function encodePng({ width, height, data }) {
  const rows = Buffer.alloc((width * 4 + 1) * height);
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * width * 4, (y + 1) * width * 4), y * (width * 4 + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6], 8);
  const chunk = (name, body) => {
    const out = Buffer.alloc(body.length + 12);
    out.writeUInt32BE(body.length, 0);
    out.write(name, 4, 'latin1');
    out.set(body, 8);
    out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
    return out;
  };
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0))]);
}

/** Reads PNGs of 1 or 8 bits without interlacing. */
export function decodePng(bytes) {
  if (bytes.readUInt32BE(0) !== 0x89504e47) throw new Error('no PNG');
  const parts = [];
  let header;
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const name = bytes.toString('latin1', at + 4, at + 8);
    if (name === 'IHDR') header = bytes.subarray(at + 8, at + 8 + length);
    if (name === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const [width, height, depth, kind] = [header.readUInt32BE(0), header.readUInt32BE(4), header[8], header[9]];
  const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[kind];
  const unit = Math.max(1, (depth * channels) / 8);
  const stride = Math.ceil((width * channels * depth) / 8);
  const rows = inflateSync(Buffer.concat(parts));
  const out = canvas(width, height);
  let before = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)];
    const row = rows.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
    for (let i = 0; i < stride; i++) {
      const [a, b, c] = [i >= unit ? row[i - unit] : 0, before[i], i >= unit ? before[i - unit] : 0];
      const p = a + b - c;
      const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
      row[i] += [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter];
    }
    for (let x = 0; x < width; x++) {
      const at = x * channels;
      const grey = depth === 1 ? (row[x >> 3] & (128 >> (x & 7)) ? 255 : 0) : row[at];
      const [r, g, b] = channels >= 3 ? [row[at], row[at + 1], row[at + 2]] : [grey, grey, grey];
      out.data.set([r, g, b, channels === 4 ? row[at + 3] : channels === 2 ? row[at + 1] : 255], (y * width + x) * 4);
    }
    before = row;
  }
  return { ...out, depth, kind };
}
