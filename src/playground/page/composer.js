// The text field with everything around it: sending, replying, files.

import { attachedFiles, clearAttached, sendAs, startAttachments } from './attachments.js';
import { all, isEmpty, scrollToEnd, show } from './chat.js';
import { byId } from './dom.js';
import { isInline } from './inline.js';
import { menuKey } from './menu.js';
import { senderOf, summary } from './message.js';
import { sendFiles, sendText } from './server.js';
import { sendVisibly } from './unsent.js';

/** Characters of a text, and of a caption. */
const LIMITS = { text: 4096, caption: 1024 };
/** The number of characters left is shown when it is this small. */
const WARN = 200;

const field = byId('text');
let answered = null;
let underWay = Promise.resolve();
/** What was sent last, to be brought back by an arrow. */
let lastText = '';

/** Connects everything. */
export function startComposer() {
  field.addEventListener('input', refresh);
  field.addEventListener('keydown', key);
  byId('composer').addEventListener('submit', (event) => { event.preventDefault(); submit(); });
  byId('reply-off').addEventListener('click', () => replyTo(null));
  startAttachments(refresh);
  refresh();
}

/** Sends a text that was chosen, not typed. */
export const say = (text) => dispatch({ text, files: [] });

/** Makes the next message an answer to this one; null takes it back. */
export function replyTo(message) {
  answered = message;
  byId('replying').hidden = !message;
  if (!message) return;
  byId('replying-who').textContent = senderOf(message);
  byId('replying-what').textContent = summary(message);
  field.focus();
}

function key(event) {
  if (event.isComposing || menuKey(event)) return;
  const touch = matchMedia('(hover: none)').matches;
  if (event.key === 'Enter' && !event.shiftKey && !touch) {
    event.preventDefault();
    submit();
  }
  if (event.key === 'Escape') replyTo(null);
  if (event.key === 'ArrowUp' && !event.ctrlKey && !field.value && lastText) {
    event.preventDefault();
    write(lastText);
  }
  if (event.ctrlKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    event.preventDefault();
    chooseAnswered(event.key === 'ArrowUp' ? -1 : 1);
  }
}

/** Ctrl + arrows walk through the messages to answer. */
function chooseAnswered(by) {
  const list = all();
  const at = answered ? list.findIndex(({ message_id: id }) => id === answered.message_id) : list.length;
  if (!isEmpty()) replyTo(list[at + by] ?? (by < 0 ? list[0] : null));
}

/** Whoever writes on while a message is under way loses nothing: the field is emptied first, and messages go in order. */
function submit() {
  const files = attachedFiles();
  const text = field.value.trim();
  if ((!text && !files.length) || left() < 0 || isInline()) return;
  dispatch({ text, files, as: sendAs(), reply: answered });
  lastText = text || lastText;
  empty();
}

function dispatch({ text, files, as, reply }) {
  const call = () => (files.length ? sendFiles(files, as, text, reply?.message_id) : sendText(text, reply?.message_id));
  const before = underWay;
  const send = () => before.then(call);
  const sent = ({ message, messages = [message] }) => messages.forEach((one) => show(one));
  underWay = sendVisibly({ text, files, send, sent, giveBack: () => giveBack(text, reply) });
  scrollToEnd();
}

function empty() {
  field.value = '';
  clearAttached();
  replyTo(null);
  refresh();
}

/** The words of a refused message return to the field, before what was written since. */
function giveBack(text, reply) {
  write([text, field.value].filter(Boolean).join('\n'));
  if (reply && !answered) replyTo(reply);
}

function write(text) {
  field.value = text;
  field.focus();
  refresh();
}

const left = () => (attachedFiles().length ? LIMITS.caption : LIMITS.text) - field.value.length;

/** Height of the field, characters left, what the button does. */
function refresh() {
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
  byId('left').textContent = left() < WARN ? left() : '';
  byId('left').classList.toggle('over', left() < 0);
  byId('send').disabled = (!field.value.trim() && !attachedFiles().length) || left() < 0;
}
