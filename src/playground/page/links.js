// Links to the bot itself, `t.me/NAME?start=…`: followed in this chat, here as in the page's own address.

import { start } from './server.js';

/** The bot's name, without the `@`. */
let name = '';

/** Sets the name that links to the bot have. */
export const setLinkName = (given) => { name = given; };

/** Follows links to the bot when they are tapped. */
export function startLinks() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    const parameter = link && parameterOf(new URL(link.href));
    if (parameter === undefined || parameter === null) return;
    event.preventDefault();
    start(parameter);
  });
}

/** This page's own address for a link to the bot, which has none in Telegram; other addresses as they are. */
export function ownAddress(address) {
  const parameter = URL.canParse(address) ? parameterOf(new URL(address)) : null;
  return parameter ? `${location.origin}/?start=${parameter}` : address;
}

/** Follows the link that this page was opened with, once. */
export async function followAddress() {
  const address = new URL(location.href);
  const parameter = address.searchParams.get('start');
  if (parameter === null) return;
  address.searchParams.delete('start');
  history.replaceState(null, '', address);
  await start(parameter).catch(() => {});
}

function parameterOf({ origin, hostname, pathname, searchParams }) {
  const isHere = origin === location.origin && pathname === '/';
  const isBot = isHere || (hostname === 't.me' && pathname.slice(1).toLowerCase() === name.toLowerCase());
  return isBot ? (searchParams.get('start') ?? '') : null;
}
