// Short notes, windows to be closed, and what the bot is busy with.

import { byId, make } from './dom.js';
import { word } from './words.js';

/** How long a note stays, milliseconds. */
const NOTE = 3500;
/** How long a chat action holds without being renewed, milliseconds (Bot API: five seconds at most). */
const ACTION = 5000;
const ACTIONS = {
  typing: 'page-busy-typing',
  upload_photo: 'page-busy-photo',
  upload_document: 'page-busy-file',
  record_video: 'page-busy-typing',
};

let busyTimer = 0;
let connected = true;
let note = '';

/** Shows a note that goes away by itself. */
export function toast(text) {
  const element = make('div', { className: 'toast' }, text);
  byId('toasts').append(element);
  setTimeout(() => element.classList.add('going'), NOTE);
  setTimeout(() => element.remove(), NOTE + 400);
}

/** Shows a window that waits for OK. */
export function alertWindow(text) {
  byId('alert-text').textContent = text;
  if (!byId('alert').open) byId('alert').showModal();
}

/** Shows what the bot does, until it does something else. */
export function showBusy(action) {
  clearTimeout(busyTimer);
  busyTimer = setTimeout(endBusy, ACTION);
  byId('busy-text').textContent = word(ACTIONS[action] ?? 'page-busy-typing');
  byId('busy').hidden = false;
}

/** The bot is done. */
export function endBusy() {
  clearTimeout(busyTimer);
  byId('busy').hidden = true;
}

/** Says in the header whether the server answers, and otherwise what this is. */
export function showConnection(isConnected) {
  connected = isConnected;
  byId('status').textContent = connected ? note : word('page-connecting');
  document.body.classList.toggle('offline', !connected);
}

/** Sets the line under the bot's name. */
export function setStatus(text) {
  note = text;
  showConnection(connected);
}
