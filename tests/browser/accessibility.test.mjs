// The rules of axe-core (WCAG 2.2 A and AA, best practice) in every state of the page.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { openChat, startBrowser } from './browser.mjs';

const WAIT = 10_000;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let browser;
let axe;

before(async () => {
  browser = await startBrowser();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});

after(async () => {
  await browser?.close();
});

/** What axe finds in a window after something was done in it. */
async function findings(options, act = async () => {}) {
  const chat = await openChat(browser, { bypassCSP: true, ...options });
  await act(chat);
  // Until what has just appeared has faded in: half a colour has half a contrast.
  await chat.page.waitForTimeout(500);
  await chat.page.evaluate(axe);
  const { violations } = await chat.page.evaluate((rules) => window.axe.run(document, { runOnly: rules }), RULES);
  await chat.page.context().close();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join('\n')}`);
}

const rows = (chat) => chat.rows.first().waitFor({ timeout: WAIT });
const click = (selector) => async (chat) => { await rows(chat); await chat.page.locator(selector).first().click(); };

const empty = async (chat) => {
  await chat.page.route('**/page/history', (route) => route.fulfill({ json: { messages: [] } }));
  await chat.page.reload();
  await chat.page.locator('#chips > button').first().waitFor({ timeout: WAIT });
};

const withFailure = async (chat) => {
  await chat.page.route('**/page/message', (route) => route.abort(), { times: 1 });
  await chat.say('потерянное письмо');
  await chat.page.locator('#unsent .key').first().waitFor({ timeout: WAIT });
};

for (const [state, options, act] of [
  ['an empty chat', {}, empty],
  ['a chat in light colours', { colorScheme: 'light' }, async (chat) => { await chat.say('/text'); await chat.say('кот'); await chat.button('Ещё раз').waitFor({ timeout: WAIT }); }],
  ['a chat in dark colours', { colorScheme: 'dark' }, rows],
  ['a phone', PHONE, rows],
  ['the menu', {}, click('#menu-button')],
  ['what this page is', {}, click('[popovertarget=about]')],
  ['a message that was not sent', {}, withFailure],
]) {
  test(`axe finds nothing in: ${state}`, async () => {
    assert.deepEqual(await findings(options, act), []);
  });
}
