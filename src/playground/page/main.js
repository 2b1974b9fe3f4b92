// Puts the page together: words, history, events.

import { find, hide, isEmpty, jumpTo, react, show, showAll, startChat, all } from './chat.js';
import { replyTo, say, startComposer } from './composer.js';
import { byId } from './dom.js';
import { setName, startInline, typeInline } from './inline.js';
import { openPicture, startLightbox } from './lightbox.js';
import { followAddress, setLinkName, startLinks } from './links.js';
import { setCommands, setSuggestions, startMenu } from './menu.js';
import { isMine, setBotName } from './message.js';
import { alertWindow, endBusy, setStatus, showBusy, showConnection, toast } from './notices.js';
import * as server from './server.js';
import { startTheme } from './theme.js';
import { openMiniApp, startMiniApps } from './webapp.js';
import { arrived } from './unsent.js';
import { label, loadWords, otherLanguage, preferredLanguage, rememberLanguage, word } from './words.js';

/** How long a pressed button waits for its answer, milliseconds. */
const PRESS = 15000;
/** Pause before asking again for a history that did not come, milliseconds. */
const RETRY = 1000;

/** Pressed buttons by the number of their query. */
const pressed = new Map();
/** Numbers of queries whose answer came before the press itself was confirmed. */
const answeredEarly = new Set();

const actions = {
  reply: replyTo,
  command: say,
  jump: jumpTo,
  open: openPicture,
  press: pressButton,
};

async function pressButton(message, button, element) {
  if (button.copy_text) {
    await navigator.clipboard.writeText(button.copy_text.text);
    toast(word('page-copied'));
    return;
  }
  if (button.web_app) {
    await openMiniApp(button.web_app.url);
    return;
  }
  const query = button.switch_inline_query_current_chat ?? button.switch_inline_query
    ?? button.switch_inline_query_chosen_chat?.query;
  if (query !== undefined) {
    typeInline(query);
    return;
  }
  element.classList.add('waiting');
  try {
    const { callback_query_id: id } = await server.press(message.message_id, button.callback_data);
    const release = () => { element.classList.remove('waiting'); pressed.delete(id); };
    if (answeredEarly.delete(id)) return release();
    pressed.set(id, release);
    setTimeout(release, PRESS);
  } catch {
    element.classList.remove('waiting');
    toast(word('page-not-sent'));
  }
}

const handlers = {
  message: ({ message }) => {
    if (isMine(message)) arrived(message);
    else endBusy();
    show(message);
    showEmptiness();
  },
  edited: ({ message }) => find(message.message_id) && show(message),
  deleted: ({ message_ids: ids }) => { hide(ids); showEmptiness(); },
  reaction: ({ message_id: id, emoji }) => react(id, emoji),
  action: ({ action }) => showBusy(action),
  answer: ({ callback_query_id: id, text, alert }) => {
    if (pressed.has(id)) pressed.get(id)();
    else answeredEarly.add(id);
    if (text) (alert ? alertWindow : toast)(text);
  },
  profile: () => loadBot(),
  resync: () => loadHistory(),
};

/** Events that came while the history was on its way; null when it is here. */
let waiting = null;
let lastLoad = 0;

function received(event) {
  if (waiting) waiting.push(event);
  else handlers[event.type]?.(event);
}

async function loadHistory() {
  waiting ??= [];
  lastLoad += 1;
  const load = lastLoad;
  try {
    const { messages } = await server.history();
    if (load !== lastLoad) return;
    showAll(messages);
    showEmptiness();
  } catch {
    setTimeout(loadHistory, RETRY);
    return;
  }
  const missed = waiting ?? [];
  waiting = null;
  missed.forEach(received);
}

function showEmptiness() {
  byId('empty').hidden = !isEmpty();
}

async function loadBot() {
  const bot = await server.bot();
  byId('bot-name').textContent = bot.name;
  setBotName(bot.name);
  setName(bot.username);
  setLinkName(bot.username);
  setCommands(bot.commands);
  byId('editor').hidden = !bot.mini_app;
  const isSmall = bot.known_objects !== null;
  setStatus(isSmall ? word('page-status-small', { count: bot.known_objects }) : word('page-status-full'));
  byId('about-model').textContent = word(isSmall ? 'page-about-small' : 'page-about-full');
}

async function useLanguage(name) {
  await loadWords(name);
  byId('lang').textContent = otherLanguage().toUpperCase();
  label(byId('lang'), `${otherLanguage().toUpperCase()}: ${word('page-switch-language')}`);
  const [suggestions] = await Promise.all([server.suggestions(), loadBot()]);
  setSuggestions(suggestions);
}

function startLanguageSwitch() {
  byId('lang').addEventListener('click', async () => {
    rememberLanguage(otherLanguage());
    await useLanguage(otherLanguage());
    showAll(all());
    await server.tellLanguage();
  });
}

async function clearChat() {
  if (!window.confirm(word('page-clear-sure'))) return;
  byId('about').hidePopover();
  await server.clear().catch(() => toast(word('page-not-sent')));
}

startTheme();
await useLanguage(preferredLanguage());
await server.tellLanguage();
startChat(actions);
startLightbox(pressButton);
startMenu(say);
startInline();
startLinks();
startMiniApps();
startComposer();
startLanguageSwitch();
byId('clear').addEventListener('click', clearChat);
byId('start').addEventListener('click', () => say('/start'));
server.listen(
  () => { showConnection(true); loadHistory(); followAddress(); },
  received,
  () => showConnection(false),
);
if (matchMedia('(hover: hover)').matches) byId('text').focus();
