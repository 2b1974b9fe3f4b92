// Run lengths of two-valued bytes (0 and 255), as varints; the first run is one of zeros.

/** @param {Uint8Array} bytes @returns {Uint8Array} */
export function encode(bytes) {
  /** @type {number[]} */
  const out = [];
  const put = (/** @type {number} */ run) => {
    for (; run > 127; run >>>= 7) out.push((run & 127) | 128);
    out.push(run);
  };
  let value = 0;
  let at = 0;
  while (at < bytes.length) {
    let end = bytes.indexOf(value ? 0 : 255, at);
    if (end < 0) end = bytes.length;
    put(end - at);
    at = end;
    value = value ? 0 : 255;
  }
  return Uint8Array.from(out);
}

/** Fills `bytes`; false if the runs do not fit it. @param {Uint8Array} runs @param {Uint8Array} bytes */
export function decode(runs, bytes) {
  let at = 0;
  let value = 0;
  for (let i = 0; i < runs.length; ) {
    let run = 0;
    let shift = 0;
    for (;;) {
      const part = runs[i++];
      if (part === undefined || shift > 28) return false;
      run += (part & 127) * 2 ** shift;
      if (part < 128) break;
      shift += 7;
    }
    if (at + run > bytes.length) return false;
    bytes.fill(value, at, at + run);
    at += run;
    value = value ? 0 : 255;
  }
  return at === bytes.length;
}

/** @param {Uint8Array} bytes @returns {string} base64 */
export function toText(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

/** @param {string} text base64 @returns {Uint8Array} */
export const fromText = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
