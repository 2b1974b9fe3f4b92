// One row of the chat: a message, or an album of several.

import { icon, make } from './dom.js';
import { formatted } from './entities.js';
import { fileUrl, saveUrl } from './server.js';
import { label, language, word } from './words.js';

/** Shown side of a single photo, CSS pixels: small pictures are enlarged to the first, large ones shrunk to the second. */
const PHOTO = { least: 320, most: 420 };
/** A keyboard of more rows is folded once there is a newer picture. */
const FOLDED = 2;
/** Items in each line of an album, by their number. */
const ALBUM_LINES = { 2: [2], 3: [1, 2], 4: [2, 2], 5: [2, 3], 6: [3, 3], 7: [3, 4], 8: [4, 4], 9: [3, 3, 3], 10: [3, 3, 4] };

/** The name that the bot shows to people of this language; its messages carry the one of its registration. */
let botName = '';
export const setBotName = (name) => { botName = name; };
export const senderOf = (message) => (isMine(message) ? word('page-you') : botName || message.from.first_name);

export const isMine = (message) => !message.from.is_bot;
export const largest = (message) => message.photo.at(-1);
const smallest = (message) => message.photo[0];

/** Text or caption with its marks. */
export function words(message) {
  return message.text === undefined
    ? { text: message.caption ?? '', entities: message.caption_entities }
    : { text: message.text, entities: message.entities };
}

/** What a message is in a few words, for quotes and screen readers. */
export function summary(message) {
  const { text } = words(message);
  if (message.photo) return text ? `${word('page-photo')}, ${text}` : word('page-photo');
  if (message.document) return message.document.file_name ?? word('page-file');
  return text;
}

/**
 * A row for messages that belong together. `actions` has what it can do:
 * reply(message), press(message, button, element), command(text), jump(id), open(message).
 */
export function row(messages, actions) {
  const [first] = messages;
  const side = isMine(first) ? 'mine' : 'theirs';
  const item = make('li', { className: `row ${side}`, id: `m${first.message_id}` });
  const column = make('div', { className: 'column' }, bubble(messages, actions));
  const keyboard = messages.at(-1).reply_markup;
  if (keyboard) column.append(buttons(messages.at(-1), keyboard, actions));
  item.append(make('div', { className: 'row-line' }, column, replyButton(first, actions)));
  return item;
}

function bubble(messages, actions) {
  const [first] = messages;
  const captioned = messages.find((message) => words(message).text) ?? first;
  const { text, entities } = words(captioned);
  const element = make('article', { className: 'bubble' });
  element.setAttribute('aria-label', isMine(first) ? word('page-from-me') : word('page-from-bot'));
  if (first.via_bot) element.append(make('p', { className: 'via' }, word('page-via', { bot: `@${first.via_bot.username}` })));
  if (first.reply_to_message) element.append(quote(first.reply_to_message, actions));
  if (first.photo) element.append(photos(messages, actions));
  if (first.document) element.append(...messages.map(documentCard));
  if (first.photo || first.document) element.classList.add('media');
  if (first.photo && !text) element.classList.add('bare');
  const time = clock(messages.at(-1));
  if (text) element.append(make('div', { className: 'text', dir: 'auto' }, formatted(text, entities, actions.command), time.spacer));
  element.append(time.shown);
  if (first.photo && messages.length === 1) setShape(element, largest(first));
  return element;
}

/** The time, and an invisible copy that keeps the last line of text clear of it. */
function clock(message) {
  const date = new Date(message.date * 1000);
  const text = new Intl.DateTimeFormat(language(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date);
  const shown = make('time', { className: 'time', dateTime: date.toISOString(), title: date.toLocaleString(language()) }, text);
  return { shown, spacer: make('span', { className: 'spacer', 'aria-hidden': 'true' }, text) };
}

function quote(answered, actions) {
  const element = make('button', { type: 'button', className: 'quote' },
    answered.photo ? make('img', { src: fileUrl(smallest(answered).file_id), alt: '', loading: 'lazy', className: answered.has_media_spoiler ? 'veiled' : '' }) : null,
    make('span', {},
      make('b', {}, senderOf(answered)),
      make('span', {}, summary(answered))));
  // Its name is what it quotes; what a press does is its title.
  element.title = word('page-jump');
  element.addEventListener('click', () => actions.jump(answered.message_id));
  return element;
}

/** Width of a single photo's bubble, and the shape by which it is made smaller where the window is low. */
function setShape(bubbleElement, { width, height }) {
  const long = Math.max(width, height);
  const scale = Math.min(Math.max(long, PHOTO.least), PHOTO.most) / long;
  bubbleElement.style.setProperty('--width', `${Math.max(Math.round(width * scale), 180)}px`);
  bubbleElement.style.setProperty('--shape', width / height);
}

function photos(messages, actions) {
  const lines = messages.length === 1 ? [1] : (ALBUM_LINES[messages.length] ?? [messages.length]);
  const rest = messages.map((message) => photo(message, actions));
  const album = make('div', { className: messages.length > 1 ? 'album' : 'single' });
  for (const count of lines) album.append(make('div', { className: 'album-line' }, ...rest.splice(0, count)));
  return album;
}

function photo(message, actions) {
  const { file_id: fileId, width, height } = largest(message);
  const image = make('img', { src: fileUrl(fileId), width, height, alt: words(message).text || word('page-photo'), loading: 'lazy', decoding: 'async', draggable: false });
  const element = make('button', { type: 'button', className: 'photo', data: { message: message.message_id } }, image);
  element.style.setProperty('--ratio', Math.min(Math.max(width / height, 0.5), 2.2));
  label(element, word('page-open-picture'));
  if (message.has_media_spoiler) element.classList.add('covered');
  element.addEventListener('click', () => {
    if (!element.classList.replace('covered', 'uncovered')) actions.open(message);
  });
  return element;
}

function documentCard(message) {
  const { document: file } = message;
  const name = file.file_name ?? word('page-file');
  const picture = file.thumbnail
    ? make('img', { src: fileUrl(file.thumbnail.file_id), alt: '', loading: 'lazy', width: 56, height: 56 })
    : make('span', { className: 'sheet' }, icon('file'));
  const link = make('a', { className: 'file', href: saveUrl(file.file_id, name), download: name }, picture,
    make('span', {}, make('b', { dir: 'auto' }, name), make('small', {}, size(file.file_size))), icon('save'));
  label(link, `${word('page-save')}: ${name}`);
  return link;
}

function size(bytes) {
  const [unit, value] = bytes < 1e6 ? ['kilobyte', bytes / 1e3] : ['megabyte', bytes / 1e6];
  const format = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 ? 1 : 0 };
  return new Intl.NumberFormat(language(), format).format(value);
}

function buttons(message, { inline_keyboard: rows }, actions) {
  const keyboard = make('div', { className: 'keyboard', role: 'group' });
  keyboard.setAttribute('aria-label', word('page-buttons'));
  if (message.photo && rows.length > FOLDED) keyboard.append(unfold(keyboard));
  for (const line of rows) {
    keyboard.append(make('div', { className: 'keyboard-line' }, ...line.map((button) => keyboardButton(message, button, actions))));
  }
  return keyboard;
}

/** Shows the buttons of an old picture again, which are folded to this one. */
function unfold(keyboard) {
  const element = make('button', { type: 'button', className: 'key unfold' }, word('page-unfold'));
  element.addEventListener('click', () => keyboard.classList.add('open'));
  return element;
}

/** A label that keeps its sign beside the first word, and a number beside its percent sign. */
const together = (text) => text.replace(/^(\p{Extended_Pictographic}\S*) /u, '$1\u00a0').replace(/ %/g, '\u00a0%');

function keyboardButton(message, button, actions) {
  if (/^https?:/i.test(button.url ?? '')) {
    return make('a', { className: 'key', href: button.url, target: '_blank', rel: 'noopener noreferrer' }, together(button.text));
  }
  const element = make('button', { type: 'button', className: 'key', data: { key: button.callback_data ?? '' } }, together(button.text));
  element.addEventListener('click', () => actions.press(message, button, element));
  return element;
}

function replyButton(message, actions) {
  const element = make('button', { type: 'button', className: 'icon reply' }, icon('reply'));
  label(element, word('page-reply'));
  element.addEventListener('click', () => actions.reply(message));
  return element;
}
