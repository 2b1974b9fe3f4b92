// Text with the Bot API's marks, as elements. Offsets are UTF-16 units, as JavaScript counts.

import { make } from './dom.js';
import { ownAddress } from './links.js';

const TAGS = {
  bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', code: 'code', pre: 'pre',
  blockquote: 'blockquote', expandable_blockquote: 'blockquote', spoiler: 'button',
  text_link: 'a', url: 'a', bot_command: 'button', mention: 'span',
};

/** A fragment of the text; `onCommand` runs for a tapped /command. */
export function formatted(text, entities = [], onCommand = () => {}) {
  const known = entities
    .filter(({ type }) => TAGS[type])
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  const fragment = document.createDocumentFragment();
  fragment.append(...nest(text, 0, text.length, known, onCommand));
  return fragment;
}

/** Nodes for text[from, to), of which `entities` begin inside, outermost first. */
function nest(text, from, to, entities, onCommand) {
  const nodes = [];
  let at = from;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    if (entity.offset < at || entity.offset >= to) continue;
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    const inner = nest(text, entity.offset, end, entities.slice(index + 1), onCommand);
    nodes.push(wrap(entity, text.slice(entity.offset, end), inner, onCommand));
    at = end;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function wrap(entity, text, inner, onCommand) {
  const element = make(TAGS[entity.type], {}, ...inner);
  if (element.tagName === 'A') {
    const address = ownAddress(entity.url ?? text);
    if (!entity.url && address !== text) element.textContent = address;
    if (/^https?:\/\//i.test(address)) Object.assign(element, { href: address, target: '_blank', rel: 'noopener noreferrer' });
  }
  if (entity.type === 'bot_command') {
    Object.assign(element, { type: 'button', className: 'command' });
    element.addEventListener('click', () => onCommand(text));
  }
  if (entity.type === 'mention') element.className = 'mention';
  if (entity.type === 'spoiler') {
    Object.assign(element, { type: 'button', className: 'spoiler' });
    element.addEventListener('click', () => element.classList.add('shown'));
  }
  return element;
}
