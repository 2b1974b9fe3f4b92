// Files chosen, pasted or dropped, waiting to be sent.

import { byId, icon, make } from './dom.js';
import { toast } from './notices.js';
import { label, word } from './words.js';

/** Items of an album at most. */
const MOST = 10;
/** Bytes: photos, and files that a bot may fetch. */
const LIMITS = { photo: 10 * 1024 * 1024, file: 20 * 1024 * 1024 };
const PHOTO_TYPES = ['image/png', 'image/jpeg', 'image/webp'];

let chosen = [];
let changed = () => {};

export const attachedFiles = () => chosen;
export const sendAs = () => byId('composer').elements.as.value;

/** Connects menu, paste and drag and drop; `onChange` runs when the files change. */
export function startAttachments(onChange) {
  changed = onChange;
  startMenu();
  byId('attached-off').addEventListener('click', clearAttached);
  document.addEventListener('paste', (event) => {
    if (event.clipboardData.files.length) {
      event.preventDefault();
      add([...event.clipboardData.files]);
    }
  });
  startDrop();
}

/** Forgets all chosen files. */
export function clearAttached() {
  chosen = [];
  draw();
}

function startMenu() {
  const [button, menu] = [byId('attach'), byId('attach-menu')];
  const open = (isOpen) => {
    menu.hidden = !isOpen;
    button.setAttribute('aria-expanded', isOpen);
    if (isOpen) byId('pick-photo').focus();
  };
  button.addEventListener('click', () => open(menu.hidden));
  menu.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { open(false); button.focus(); }
    if (event.key.startsWith('Arrow')) byId(document.activeElement.id === 'pick-photo' ? 'pick-file' : 'pick-photo').focus();
  });
  document.addEventListener('click', (event) => {
    if (!menu.contains(event.target) && !button.contains(event.target)) open(false);
  });
  for (const [pick, input, as] of [['pick-photo', 'photos', 'photo'], ['pick-file', 'files', 'file']]) {
    byId(pick).addEventListener('click', () => { open(false); byId(input).click(); });
    byId(input).addEventListener('change', ({ target }) => { add([...target.files], as); target.value = ''; });
  }
}

function startDrop() {
  const drop = byId('drop');
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    drop.hidden = false;
  });
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) drop.hidden = true; });
  document.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    drop.hidden = true;
    add([...event.dataTransfer.files]);
  });
}

/** Adds files; `as` is 'photo' or 'file', by default whatever they all can be. */
export function add(files, as) {
  const canBePhotos = [...chosen, ...files].every((file) => PHOTO_TYPES.includes(file.type));
  const wanted = canBePhotos ? (as ?? (chosen.length ? sendAs() : 'photo')) : 'file';
  const fitting = files.filter((file) => file.size <= LIMITS[wanted]);
  if (fitting.length < files.length) toast(word('page-too-big', { size: LIMITS[wanted] / 1024 / 1024 }));
  if (chosen.length + fitting.length > MOST) toast(word('page-too-many', { most: MOST }));
  chosen = [...chosen, ...fitting].slice(0, MOST);
  byId('composer').elements.as.value = wanted;
  byId('composer').elements.as[0].disabled = !canBePhotos;
  draw();
  byId('text').focus();
}

function draw() {
  byId('attached').hidden = chosen.length === 0;
  byId('attached-files').querySelectorAll('img').forEach(({ src }) => URL.revokeObjectURL(src));
  byId('attached-files').replaceChildren(...chosen.map(card));
  changed();
}

function card(file) {
  const picture = PHOTO_TYPES.includes(file.type)
    ? make('img', { src: URL.createObjectURL(file), alt: file.name })
    : make('span', { className: 'sheet' }, icon('file'), make('small', {}, file.name));
  const remove = make('button', { type: 'button', className: 'icon' }, icon('close'));
  label(remove, `${word('page-remove')}: ${file.name}`);
  remove.addEventListener('click', () => {
    chosen = chosen.filter((other) => other !== file);
    draw();
  });
  return make('li', {}, picture, remove);
}
