// Typing `@name …`: the bot's results over the text field, one of which is sent.

import { byId, icon, make } from './dom.js';
import { toast } from './notices.js';
import { askInline, chooseInline, fileUrl } from './server.js';
import { label, word } from './words.js';

/** Pause in the typing after which the bot is asked, milliseconds. */
const PAUSE = 300;

const panel = byId('inline');
const list = byId('inline-results');
const field = byId('text');
let name = '';
let timer = 0;
let asked = 0;

/** Connects the text field. */
export function startInline() {
  field.addEventListener('input', follow);
  panel.addEventListener('keydown', (event) => { if (event.key === 'Escape') { close(); field.focus(); } });
  document.addEventListener('click', (event) => { if (!panel.contains(event.target) && event.target !== field) close(); });
}

/** Sets the name that the bot is called by, without the `@`. */
export function setName(given) {
  name = given;
}

/** Puts a query into the text field, as a button of the bot's asks to. */
export function typeInline(query) {
  field.value = `@${name} ${query}`;
  field.dispatchEvent(new Event('input'));
  field.focus();
}

/** Whether the text field holds a query, which is not sent as a message. */
export const isInline = () => queryIn(field.value) !== undefined;

function queryIn(text) {
  const [called, query] = [text.slice(0, name.length + 2), text.slice(name.length + 2)];
  return called.toLowerCase() === `@${name.toLowerCase()} ` ? query : undefined;
}

function follow() {
  clearTimeout(timer);
  asked += 1;
  const query = queryIn(field.value);
  if (query === undefined) close();
  else timer = setTimeout(ask, PAUSE, query.trim(), asked);
}

async function ask(query, number) {
  try {
    const answer = await askInline(query);
    if (number === asked) show(answer);
  } catch {
    toast(word('page-not-sent'));
  }
}

function show({ inline_query_id: id, results }) {
  const nothing = make('p', { className: 'nothing' }, word('page-inline-nothing'));
  list.replaceChildren(...(results.length ? results.map((result) => option(id, result)) : [nothing]));
  panel.hidden = false;
}

function close() {
  panel.hidden = true;
}

function option(id, result) {
  const title = result.title ?? result.text ?? word('page-photo');
  const element = make('button', { type: 'button', className: result.photo ? 'inline-photo' : 'inline-item' }, ...look(result, title));
  label(element, title);
  element.addEventListener('click', () => choose(id, result.id));
  return element;
}

function look(result, title) {
  if (result.photo) return [make('img', { src: fileUrl(result.photo[0].file_id), alt: '', loading: 'lazy' })];
  const words = make('span', {}, make('b', {}, title), make('small', {}, result.description ?? result.text ?? ''));
  return [make('span', { className: 'sheet' }, icon('file')), words];
}

async function choose(id, result) {
  close();
  try {
    await chooseInline(id, result);
    field.value = '';
    field.dispatchEvent(new Event('input'));
    field.focus();
  } catch {
    toast(word('page-not-sent'));
  }
}
