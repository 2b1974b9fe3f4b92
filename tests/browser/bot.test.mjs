// The whole bot through the page, as a person sees it: the real program with its built-in model.
//
//   PAGE_URL=http://127.0.0.1:8080 SHOTS=/tmp/shots node --test --test-concurrency=1 bot.test.mjs
//
// The words looked for are the bot's own, in Russian and English (locales/).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { naturalSize, openChat, startBrowser } from './browser.mjs';

/** The longest that one picture may take on a slow machine, milliseconds. */
const PICTURE = Number(process.env.PICTURE_TIMEOUT ?? 180_000);
/** The longest that an answer in words may take. */
const WORDS = 15_000;
const RESULT = { ru: '» · ', en: '” · ' };

let browser;
let chat;

before(async () => {
  browser = await startBrowser();
  chat = await openChat(browser);
});

after(async () => {
  await browser?.close();
});

/** Sends a prompt and waits for its picture. */
async function draw(prompt, language) {
  await chat.say(prompt);
  const result = chat.answer(RESULT[language]).filter({ hasText: prompt }).last();
  await result.locator('.photo img').waitFor({ timeout: PICTURE });
  return result;
}

async function checkPicture(result) {
  const [width, height] = await naturalSize(result.locator('.photo img'));
  assert.ok(width >= 32 && height >= 32, `a picture of ${width}×${height}`);
}

test('the start button brings the menu', async () => {
  await chat.screenshot('bot-1-empty');
  await chat.page.getByRole('button', { name: 'Что умеет бот' }).click();
  await chat.answer('рису').first().waitFor({ timeout: WORDS });
  assert.ok(await chat.page.locator('.key').count() > 2);
  await chat.screenshot('bot-2-start');
});

test('a Russian prompt becomes a picture that opens at full size', async () => {
  const result = await draw('красное яблоко на синем фоне', 'ru');
  await checkPicture(result);
  await chat.screenshot('bot-3-russian');
  await result.locator('.photo').click();
  await chat.page.locator('#lightbox[open]').waitFor();
  await chat.screenshot('bot-4-lightbox');
  await chat.page.keyboard.press('Escape');
  await chat.page.locator('#lightbox[open]').waitFor({ state: 'detached' });
});

test('an English prompt becomes a picture', async () => {
  await checkPicture(await draw('a panda on a yellow background', 'ru'));
});

test('the style is changed with the buttons and named under the next picture', async () => {
  await chat.say('/style');
  const style = chat.button('Аниме');
  await style.waitFor({ timeout: WORDS });
  await chat.screenshot('bot-5-styles');
  await style.click();
  const result = await draw('пицца на зелёном фоне', 'ru');
  await result.filter({ hasText: '· Аниме' }).waitFor({ timeout: WORDS });
  await chat.screenshot('bot-6-style');
  const bottom = await chat.rows.last().evaluate((row) => row.getBoundingClientRect().bottom - innerHeight);
  assert.ok(bottom < 0, 'the view has followed to the newest message');
});

test('a picture is drawn again with the button under it', async () => {
  const results = chat.answer(RESULT.ru).filter({ hasText: 'пицца на зелёном фоне' });
  const count = await results.count();
  await chat.button('Ещё раз').click();
  await results.nth(count).locator('.photo img').waitFor({ timeout: PICTURE });
});

test('a job is cancelled before its picture comes', async () => {
  // The built-in model is quick: the last of several jobs is the one that still waits.
  for (const name of ['раз', 'два', 'три']) await chat.say(`зелёное дерево ${name}`);
  const last = chat.page.locator('#log > li.theirs').filter({ hasText: 'зелёное дерево три' });
  await last.locator('.key', { hasText: 'Отменить' }).click({ timeout: WORDS });
  await last.filter({ hasText: 'Отменено' }).waitFor({ timeout: WORDS });
  await chat.answer(RESULT.ru).filter({ hasText: 'зелёное дерево два' }).waitFor({ timeout: PICTURE });
  await chat.page.waitForTimeout(3_000);
  assert.equal(await last.filter({ hasText: RESULT.ru }).count(), 0);
  await chat.screenshot('bot-7-cancelled');
});

test('the queue answers', async () => {
  const rows = await chat.rows.count();
  await chat.say('/queue');
  await chat.rows.nth(rows + 1).waitFor({ timeout: WORDS });
});

test('page and bot change to English', async () => {
  await chat.page.getByRole('button', { name: 'Switch to English' }).click();
  await chat.page.getByRole('textbox', { name: 'Describe a picture…' }).waitFor();
  await chat.say('/lang en');
  await checkPicture(await draw('a green square', 'en'));
  await chat.screenshot('bot-8-english');
});

test('a reloaded page still has the conversation', async () => {
  const rows = await chat.rows.count();
  await chat.page.reload();
  await chat.answer('a green square').last().waitFor();
  assert.equal(await chat.rows.count(), rows);
});

test('nothing went wrong in the page, and nothing was asked of other servers', () => {
  assert.deepEqual(chat.errors, []);
});
