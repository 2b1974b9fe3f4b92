// The menu over the text field: commands of the bot, and ideas what to draw.

import { byId, make } from './dom.js';
import { language } from './words.js';

/** Ideas offered at a time: in an empty chat, and above the commands. */
const IDEAS = { chips: 6, 'menu-chips': 3 };

const menu = byId('menu');
const list = byId('commands');
const field = byId('text');
let commands = [];
let suggestions = [];
let shownCommands = [];
let at = 0;
let send = () => {};

/** Connects button and keys; `sendText(text)` sends. */
export function startMenu(sendText) {
  send = sendText;
  byId('menu-button').addEventListener('click', () => (menu.hidden ? open('', true) : close()));
  field.addEventListener('input', followText);
  document.addEventListener('click', (event) => {
    if (!menu.contains(event.target) && !byId('menu-button').contains(event.target) && event.target !== field) close();
  });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !menu.hidden) { close(); field.focus(); } });
}

/** Sets the bot's commands. */
export function setCommands(given) {
  commands = given;
}

/** Sets prompts to offer, `[{ru, en}]`, and shows some on the empty chat. */
export function setSuggestions(given) {
  suggestions = given;
  drawChips(byId('chips'));
}

/** Takes the keys that move in an open menu; true if it did. */
export function menuKey(event) {
  if (menu.hidden || !byId('ideas').hidden) {
    if (!menu.hidden && event.key === 'Escape') { close(); return true; }
    return false;
  }
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (moves[event.key]) mark((at + moves[event.key] + shownCommands.length) % shownCommands.length);
  else if (event.key === 'Enter') choose(shownCommands[at]);
  else if (event.key === 'Tab') { field.value = `/${shownCommands[at].command} `; close(); }
  else if (event.key === 'Escape') close();
  else return false;
  event.preventDefault();
  return true;
}

/** Typing `/` opens the commands that begin so. */
function followText() {
  const typed = /^\/(\w*)$/.exec(field.value)?.[1];
  if (typed === undefined) close();
  else open(typed, false);
}

function open(prefix, withIdeas) {
  shownCommands = commands.filter(({ command }) => command.startsWith(prefix.toLowerCase()));
  byId('ideas').hidden = !withIdeas || suggestions.length === 0;
  menu.hidden = shownCommands.length === 0 && byId('ideas').hidden;
  if (!byId('ideas').hidden) drawChips(byId('menu-chips'));
  list.replaceChildren(...shownCommands.map(option));
  byId('menu-button').setAttribute('aria-expanded', !menu.hidden);
  if (!withIdeas && shownCommands.length) mark(0);
  if (withIdeas) menu.querySelector('.chip, li')?.focus();
}

function close() {
  menu.hidden = true;
  field.removeAttribute('aria-activedescendant');
  byId('menu-button').setAttribute('aria-expanded', 'false');
}

function option({ command, description }, index) {
  const element = make('li', { role: 'option', id: `command-${index}`, tabIndex: 0 },
    make('b', {}, `/${command}`), make('span', {}, description));
  element.addEventListener('click', () => choose({ command }));
  element.addEventListener('keydown', (event) => { if (event.key === 'Enter') choose({ command }); });
  element.addEventListener('pointerenter', () => mark(index));
  return element;
}

function mark(index) {
  at = index;
  [...list.children].forEach((element, i) => element.setAttribute('aria-selected', i === index));
  field.setAttribute('aria-activedescendant', `command-${index}`);
  list.children[index]?.scrollIntoView({ block: 'nearest' });
}

function choose({ command }) {
  close();
  field.value = '';
  field.dispatchEvent(new Event('input'));
  field.focus();
  send(`/${command}`);
}

function drawChips(container) {
  // Those with a picture first: they say more.
  const some = [...suggestions].sort(() => Math.random() - 0.5).sort((a, b) => Boolean(b.picture) - Boolean(a.picture)).slice(0, IDEAS[container.id]);
  container.replaceChildren(...some.map((suggestion) => {
    const text = suggestion[language()];
    const idea = suggestion.picture && container.id === 'chips'
      ? make('button', { type: 'button', className: 'tile' }, make('img', { src: suggestion.picture, alt: '', width: 160, height: 160 }), make('span', {}, text))
      : make('button', { type: 'button', className: 'chip' }, text);
    idea.addEventListener('click', () => { close(); send(text); });
    return idea;
  }));
}
