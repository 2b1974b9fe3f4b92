// A picture over the whole window, with its neighbours and its buttons: arrows, a swipe, Esc, a click to see it in its own size.

import { byId, make } from './dom.js';
import { all } from './chat.js';
import { largest, words } from './message.js';
import { fileUrl, saveUrl } from './server.js';
import { word } from './words.js';

const dialog = byId('lightbox');
const image = byId('lightbox-image');
const stage = byId('lightbox-stage');
/** How far a finger moves sideways for the next picture, pixels. */
const SWIPE = 48;
let shown = null;
let press = () => {};
let touched = null;

/** Opens a message's photo. */
export function openPicture(message) {
  display(message);
  dialog.showModal();
}

/** Connects keys, fingers and buttons; `pressButton(message, button, element)` presses one of a message. */
export function startLightbox(pressButton) {
  press = pressButton;
  stage.addEventListener('touchstart', ({ touches }) => { touched = touches.length === 1 ? touches[0].clientX : null; }, { passive: true });
  stage.addEventListener('touchend', ({ changedTouches }) => {
    const moved = touched === null || stage.classList.contains('zoomed') ? 0 : changedTouches[0].clientX - touched;
    if (Math.abs(moved) > SWIPE) step(moved > 0 ? -1 : 1);
  });
  byId('lightbox-close').addEventListener('click', () => dialog.close());
  byId('lightbox-prev').addEventListener('click', () => step(-1));
  byId('lightbox-next').addEventListener('click', () => step(1));
  stage.addEventListener('click', (event) => (event.target === image ? zoom() : dialog.close()));
  dialog.addEventListener('close', () => byId('lightbox-keys').replaceChildren());
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowLeft') step(-1);
    if (event.key === 'ArrowRight') step(1);
  });
}

const pictures = () => all().filter((message) => message.photo && !message.has_media_spoiler);

const zoom = () => stage.classList.toggle('zoomed');

function step(by) {
  const list = pictures();
  const at = list.findIndex((message) => message.message_id === shown);
  if (list[at + by]) display(list[at + by]);
}

function display(message) {
  const { file_id: fileId, width, height } = largest(message);
  const list = pictures();
  const at = list.findIndex((other) => other.message_id === message.message_id);
  shown = message.message_id;
  stage.classList.remove('zoomed');
  Object.assign(image, { src: fileUrl(fileId), width, height, alt: words(message).text || word('page-photo') });
  stage.style.setProperty('--natural', `${width}px`);
  stage.style.setProperty('--ratio', width / height);
  byId('lightbox-caption').textContent = words(message).text;
  byId('lightbox-count').textContent = list.length > 1 ? `${at + 1} / ${list.length}` : '';
  byId('lightbox-save').href = saveUrl(fileId, `kandinsky-${message.message_id}${message.from.is_bot ? '.png' : '.jpg'}`);
  byId('lightbox-prev').disabled = at <= 0;
  byId('lightbox-next').disabled = at < 0 || at === list.length - 1;
  const keys = (message.reply_markup?.inline_keyboard ?? []).flat().filter((button) => button.callback_data || button.web_app);
  byId('lightbox-keys').replaceChildren(...keys.map((button) => key(message, button)));
}

/** One of the picture's buttons. What comes of it is in the chat. */
function key(message, button) {
  const element = make('button', { type: 'button', className: 'key' }, button.text);
  element.addEventListener('click', () => {
    dialog.close();
    press(message, button, element);
  });
  return element;
}
