// Links to the bot itself, `t.me/NAME?start=…`: followed in this chat, here as in the page's own address.

import { start } from './server.js';

/** Follows links to the bot of this name when they are tapped. */
export function startLinks(name) {
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    const parameter = link && parameterOf(new URL(link.href), name());
    if (parameter === undefined || parameter === null) return;
    event.preventDefault();
    start(parameter);
  });
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

function parameterOf({ hostname, pathname, searchParams }, name) {
  const isBot = hostname === 't.me' && pathname.slice(1).toLowerCase() === name.toLowerCase();
  return isBot ? (searchParams.get('start') ?? '') : null;
}
