// Messages that are on their way: shown at once, with a clock, and with what to do if they did not arrive.

import { byId, icon, make } from './dom.js';
import { word } from './words.js';

/** What the server says of a message that it does not take, and what to tell. */
const REASONS = [
  [/PHOTO_INVALID_DIMENSIONS/, 'page-refused-shape'],
  [/IMAGE_PROCESS_FAILED/, 'page-refused-picture'],
  [/too big|Too Large/i, 'page-refused-size'],
  [/too long/i, 'page-refused-length'],
  [/non-empty/i, 'page-refused-empty'],
];

const list = byId('unsent');
/** What is being sent, oldest first: messages arrive in this order. */
const waiting = [];

/** The album whose first item has arrived. */
let album;

/** One's own message is in the chat, perhaps before the call that sent it has ended. The items of an album were sent together. */
export function arrived({ media_group_id: group }) {
  if (!group || group !== album) waiting.shift()?.remove();
  album = group;
}

/** One message between the text field and the chat. */
class Unsent {
  constructor(text, files) {
    this.state = make('span', { className: 'state' });
    this.actions = make('div', { className: 'unsent-actions' });
    const names = files.map((file) => make('p', { className: 'unsent-file' }, icon('file'), file.name || word('page-photo')));
    const body = make('article', { className: 'bubble' }, ...names, text && make('div', { className: 'text', dir: 'auto' }, text), this.state);
    body.setAttribute('aria-label', word('page-from-me'));
    this.element = make('li', { className: 'row mine starts ends' }, make('div', { className: 'row-line' },
      make('div', { className: 'column' }, body, this.actions)));
    this.wait();
    list.append(this.element);
  }

  /** It is being sent. */
  wait() {
    waiting.push(this);
    this.element.classList.remove('failed');
    this.actions.replaceChildren();
    this.state.replaceChildren(icon('clock'));
    this.state.title = word('page-sending');
  }

  /** It did not arrive; `actions` are [word, function] to choose from. */
  fail(reason, actions) {
    this.leave();
    this.element.classList.add('failed');
    this.state.replaceChildren(icon('failed'));
    this.state.title = reason;
    const buttons = actions.map(([name, act]) => {
      const button = make('button', { type: 'button', className: 'key' }, word(name));
      button.addEventListener('click', act);
      return button;
    });
    this.actions.replaceChildren(make('p', { role: 'alert' }, reason), make('div', { className: 'keyboard-line' }, ...buttons));
    this.element.scrollIntoView({ block: 'nearest' });
  }

  /** It is in the chat, or given up. */
  remove() {
    this.leave();
    this.element.remove();
  }

  leave() {
    if (waiting.includes(this)) waiting.splice(waiting.indexOf(this), 1);
  }
}

/**
 * Sends a message with `send`, and shows it meanwhile. What can not be sent as it is goes back to the writer by `giveBack`;
 * what only failed on its way can be sent again.
 */
export async function sendVisibly({ text, files, send, giveBack, sent }) {
  const unsent = new Unsent(text, files);
  const attempt = async () => {
    unsent.wait();
    try {
      sent(await send());
      unsent.remove();
    } catch (error) {
      const drop = ['page-unsent-drop', () => unsent.remove()];
      const edit = ['page-unsent-edit', () => { unsent.remove(); giveBack(); }];
      const again = ['page-unsent-again', attempt];
      unsent.fail(reasonOf(error), error.refused ? [edit, drop] : [again, drop]);
    }
  };
  await attempt();
}

function reasonOf(error) {
  if (!error.refused) return word('page-not-sent');
  const known = REASONS.find(([pattern]) => pattern.test(error.message));
  return known ? word(known[1]) : word('page-refused', { reason: error.message });
}
