// The messages on the screen: order, groups, days, scrolling.

import { byId, make } from './dom.js';
import { isMine, row, senderOf, summary } from './message.js';
import { label, language, word } from './words.js';

/** So near the end, CSS pixels, the view follows new messages. */
const NEAR = 120;
/** So many last messages hold two groups: albums have ten at most. */
const RECENT = 24;

const scroller = byId('scroller');
const log = byId('log');
const toEnd = byId('to-end');
/** All messages by number, in the order they came. */
const messages = new Map();
/** Rows on the screen by the number of their first message. */
const rows = new Map();
/** Changed rows that wait for their picture. */
const newest = new Map();
let actions = {};
let following = true;
/** How far the view could scroll when it last stood at the end. */
let farthest = 0;
let unread = 0;

/** Sets what messages can do and makes the view follow its own growth. */
export function startChat(given) {
  actions = given;
  scroller.addEventListener('scroll', followIfNear, { passive: true });
  toEnd.addEventListener('click', () => scrollToEnd('smooth'));
  const grown = new ResizeObserver(() => following && (isEmpty() ? scroller.scrollTo(0, 0) : scrollToEnd()));
  [log, scroller, byId('busy'), byId('unsent')].forEach((element) => grown.observe(element));
}

export const isEmpty = () => messages.size === 0;
export const find = (id) => messages.get(id);
export const all = () => [...messages.values()];

/** Replaces everything, e.g. after a reload or in another language. */
export function showAll(list) {
  messages.clear();
  rows.clear();
  list.forEach((message) => messages.set(message.message_id, message));
  const parts = groups(list);
  const elements = parts.map((group) => draw(group));
  log.replaceChildren(...elements);
  elements.forEach((element, index) => place(element, parts[index], parts[index - 1]));
  foldOld();
  if (following) scrollToEnd();
}

/** Adds a message at the end, or changes it if it is there. */
export function show(message) {
  if (messages.has(message.message_id)) return isSame(message) ? undefined : update(message);
  messages.set(message.message_id, message);
  const recent = groups(all().slice(-RECENT));
  const [previous, group] = [recent.at(-2), recent.at(-1)];
  const element = draw(group);
  place(element, group, previous);
  if (!element.isConnected) log.append(element);
  foldOld();
  element.classList.add('fresh');
  announce(message);
  // The view follows when the row has been laid out, once for all rows of a frame.
  if (isMine(message)) following = true;
  else if (!following) setUnread(unread + 1);
  return element;
}

/** Whether this is what is shown already: a sent message comes twice, as the answer and as an event. */
const isSame = (message) => JSON.stringify(messages.get(message.message_id)) === JSON.stringify(message);

/** Shows a message's new content in place. */
function update(message) {
  messages.set(message.message_id, message);
  const group = groupOf(message);
  const id = group[0].message_id;
  const element = row(group, actions);
  newest.set(id, element);
  whenPictureReady(rows.get(id), element, () => newest.get(id) === element && swap(id, element));
}

/** Puts a row in the place of the old one, with its marks and the focus. */
function swap(id, element) {
  const old = rows.get(id);
  if (!old) return;
  const focused = [...old.querySelectorAll('.key')].indexOf(document.activeElement);
  const day = old.querySelector(':scope > .day');
  element.className = old.className;
  element.classList.remove('fresh');
  if (day) element.prepend(day);
  if (old.querySelector('.keyboard.open')) element.querySelector('.keyboard')?.classList.add('open');
  old.replaceWith(element);
  rows.set(id, element);
  newest.delete(id);
  foldOld();
  element.querySelectorAll('.key')[focused]?.focus();
}

/** Waits for a new picture before the old one goes: no flash between the stages of a preview. */
function whenPictureReady(old, element, ready) {
  const [before, after] = [old?.querySelector('.photo img'), element.querySelector('.photo img')];
  if (!before || !after) return ready();
  if (before.src === after.src) {
    after.replaceWith(before);
    return ready();
  }
  after.loading = 'eager';
  return after.decode().then(ready, ready);
}

/** Removes messages. */
export function hide(ids) {
  for (const id of ids) {
    const message = messages.get(id);
    if (!message) continue;
    const group = groupOf(message);
    rows.get(group[0].message_id)?.remove();
    rows.delete(group[0].message_id);
    messages.delete(id);
    if (group.length > 1) return showAll(all());
  }
  return regroup();
}

/** Shows or takes back the bot's reaction. */
export function react(id, emoji) {
  const bubble = byId(`m${id}`)?.querySelector('.bubble');
  bubble?.querySelector('.reaction')?.remove();
  if (emoji) bubble?.append(make('span', { className: 'reaction' }, emoji));
}

/** Scrolls to a message and lights it up. */
export function jumpTo(id) {
  const message = messages.get(id);
  const element = message && rows.get(groupOf(message)[0].message_id);
  if (!element) return;
  element.scrollIntoView({ block: 'center', behavior: 'smooth' });
  element.classList.remove('lit');
  requestAnimationFrame(() => element.classList.add('lit'));
}

/** Scrolls to the newest message. */
export function scrollToEnd(behavior = 'instant') {
  following = true;
  farthest = reach();
  scroller.scrollTo({ top: scroller.scrollHeight, behavior });
  setUnread(0);
}

const reach = () => scroller.scrollHeight - scroller.clientHeight;

function followIfNear() {
  // What has just grown or shrunk is not the person's scrolling: the observer brings the end back.
  if (following && reach() !== farthest) return;
  following = reach() - scroller.scrollTop < NEAR;
  toEnd.hidden = following;
  if (following) setUnread(0);
}

function setUnread(count) {
  unread = count;
  byId('unread').textContent = count || '';
  label(toEnd, count ? word('page-unread', { count }) : word('page-to-end'));
}

const groupOf = (message) =>
  message.media_group_id ? all().filter((other) => other.media_group_id === message.media_group_id) : [message];

/** Messages by row: albums together. */
function groups(list) {
  const result = [];
  for (const message of list) {
    const last = result.at(-1);
    if (message.media_group_id && last?.[0].media_group_id === message.media_group_id) last.push(message);
    else result.push([message]);
  }
  return result;
}

/** The row of a group; an album that grows replaces its row. */
function draw(group) {
  const id = group[0].message_id;
  const element = row(group, actions);
  rows.get(id)?.replaceWith(element);
  rows.set(id, element);
  return element;
}

/** Marks where a run of one sender's messages begins and ends, and where a day does. */
function place(element, group, previous) {
  const [first] = group;
  const newDay = !previous || dayOf(previous[0]) !== dayOf(first);
  const starts = newDay || isMine(previous[0]) !== isMine(first);
  element.classList.toggle('starts', starts);
  element.classList.add('ends');
  if (!starts) rows.get(previous[0].message_id)?.classList.remove('ends');
  if (newDay) element.prepend(make('div', { className: 'day' }, dayName(first)));
  // A quote of what stands just above says nothing.
  element.classList.toggle('follows', first.reply_to_message?.message_id === previous?.at(-1).message_id);
}

/** Only the newest picture shows all its buttons. */
function foldOld() {
  const keyboards = [...log.querySelectorAll('.keyboard:has(> .unfold)')];
  keyboards.forEach((keyboard, index) => keyboard.classList.toggle('folded', index < keyboards.length - 1));
}

function regroup() {
  const parts = groups(all());
  parts.forEach((group, index) => {
    const element = rows.get(group[0].message_id);
    element.querySelector(':scope > .day')?.remove();
    place(element, group, parts[index - 1]);
  });
  foldOld();
}

const dayOf = (message) => new Date(message.date * 1000).toDateString();

function dayName(message) {
  const date = new Date(message.date * 1000);
  if (date.toDateString() === new Date().toDateString()) return word('page-today');
  return new Intl.DateTimeFormat(language(), { day: 'numeric', month: 'long' }).format(date);
}

/** Tells a screen reader of a new message of the bot, once; edits are not read out. */
function announce(message) {
  if (!isMine(message)) byId('heard').textContent = `${senderOf(message)}: ${summary(message)}`;
}
