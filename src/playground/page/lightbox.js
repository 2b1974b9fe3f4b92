// A picture over the whole window, with its neighbours: arrows, Esc, a click to see it in its own size.

import { byId } from './dom.js';
import { all } from './chat.js';
import { largest, words } from './message.js';
import { fileUrl, saveUrl } from './server.js';
import { word } from './words.js';

const dialog = byId('lightbox');
const image = byId('lightbox-image');
const stage = byId('lightbox-stage');
let shown = null;

/** Opens a message's photo. */
export function openPicture(message) {
  display(message);
  dialog.showModal();
}

/** Connects keys and buttons. */
export function startLightbox() {
  byId('lightbox-close').addEventListener('click', () => dialog.close());
  byId('lightbox-prev').addEventListener('click', () => step(-1));
  byId('lightbox-next').addEventListener('click', () => step(1));
  stage.addEventListener('click', (event) => (event.target === image ? zoom() : dialog.close()));
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
}
