// What becomes of a message between the text field and the chat, with the bot of examples/echo_bot.rs on the other side.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openChat, startBrowser } from './browser.mjs';

const WAIT = 10_000;

let browser;
let chat;
let page;

before(async () => {
  browser = await startBrowser();
  chat = await openChat(browser);
  page = chat.page;
});

after(async () => {
  await browser?.close();
});

const unsent = () => page.locator('#unsent > li');
const mine = (text) => page.locator('#log .mine').filter({ hasText: text });

test('a message is there at once, with a clock until it has arrived', async () => {
  let arrive;
  const held = new Promise((resolve) => { arrive = resolve; });
  await page.route('**/page/message', async (route) => { await held; await route.continue(); }, { times: 1 });
  await chat.say('медленная почта');
  await unsent().filter({ hasText: 'медленная почта' }).waitFor({ timeout: WAIT });
  assert.equal(await chat.field.inputValue(), '');
  await chat.screenshot('sending');
  arrive();
  await mine('медленная почта').waitFor({ timeout: WAIT });
  await unsent().waitFor({ state: 'detached', timeout: WAIT });
});

test('what was lost on its way is sent again by a press, once', async () => {
  await page.route('**/page/message', (route) => route.abort(), { times: 1 });
  await chat.say('потерянное письмо');
  await unsent().filter({ hasText: 'программа не отвечает' }).waitFor({ timeout: WAIT });
  await chat.screenshot('sending-failed');
  await unsent().getByRole('button', { name: 'Повторить' }).click();
  await mine('потерянное письмо').waitFor({ timeout: WAIT });
  assert.equal(await mine('потерянное письмо').count(), 1);
  assert.equal(await unsent().count(), 0);
});

test('a refused file says why; the words come back, the file does not', async () => {
  await page.locator('#photos').setInputFiles({ name: 'сломано.png', mimeType: 'image/png', buffer: Buffer.from('не картинка') });
  await chat.say('нарисуй похожее');
  await unsent().filter({ hasText: 'не открывается как картинка' }).waitFor({ timeout: WAIT });
  await chat.screenshot('sending-refused');
  await unsent().getByRole('button', { name: 'Изменить' }).click();
  assert.equal(await chat.field.inputValue(), 'нарисуй похожее');
  assert.ok(await page.locator('#attached').isHidden());
  await chat.field.press('Enter');
  await mine('нарисуй похожее').waitFor({ timeout: WAIT });
});

test('the last text comes back by an arrow', async () => {
  await chat.field.press('ArrowUp');
  assert.equal(await chat.field.inputValue(), 'нарисуй похожее');
  await chat.field.fill('');
});

test('an answer that overtakes its press ends the waiting', async () => {
  await chat.say('кот');
  await chat.button('Ещё раз').waitFor({ timeout: WAIT });
  await page.route('**/page/press', async (route) => {
    const response = await route.fetch();
    await page.locator('.toast').first().waitFor({ timeout: WAIT });
    await route.fulfill({ response });
  }, { times: 1 });
  await chat.button('Ещё раз').click();
  await page.locator('.toast').first().waitFor({ timeout: WAIT });
  await page.locator('.key.waiting').waitFor({ state: 'detached', timeout: 3000 });
});

test('only the newest picture shows all its buttons', async () => {
  const before = await page.locator('.keyboard:has(> .unfold)').count();
  await chat.say('кит');
  await page.locator('.keyboard:has(> .unfold)').nth(before).waitFor({ timeout: WAIT });
  const folded = page.locator('.keyboard.folded').last();
  assert.ok(await folded.locator('.keyboard-line').first().isHidden());
  await folded.locator('.unfold').click();
  assert.ok(await folded.locator('.keyboard-line').first().isVisible());
});

test('Esc closes the menu wherever the focus is', async () => {
  await page.locator('#menu-button').click();
  await page.locator('#menu').waitFor();
  await page.locator('#menu-button').focus();
  await page.keyboard.press('Escape');
  assert.ok(await page.locator('#menu').isHidden());
});
