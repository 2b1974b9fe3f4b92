// The editor's words: each that the page asks for exists in both languages, and none is idle.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), 'utf8');
const PAGE = 'src/web/editor/page/';

/** The messages of a Fluent file of this simple kind: names with their text. */
export function messages(language) {
  const found = new Map();
  let name = '';
  for (const line of read(`locales/${language}/editor.ftl`).split('\n')) {
    const start = /^([a-z][a-z0-9-]*) =(.*)$/.exec(line);
    if (start) found.set(name = start[1], start[2]);
    else if (/^[ }]/.test(line) && name) found.set(name, `${found.get(name)}\n${line}`);
    else name = '';
  }
  return found;
}

test('every word that the page asks for exists, and none is idle', () => {
  const page = readdirSync(new URL(PAGE, ROOT)).filter((name) => /\.(js|html)$/.test(name)).map((name) => read(PAGE + name)).join('\n');
  const asked = new Set(page.match(/editor-[a-z0-9-]+/g));
  assert.deepEqual([...asked].sort(), [...messages('en').keys()].sort());
});

test('both languages say the same things with the same values', () => {
  const [ru, en] = [messages('ru'), messages('en')];
  assert.deepEqual([...ru.keys()].sort(), [...en.keys()].sort());
  const values = (text) => [...new Set(text.match(/\$\w+/g))].sort();
  for (const [name, text] of ru) assert.deepEqual(values(text), values(en.get(name)), name);
});
