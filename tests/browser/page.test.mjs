// The page itself, with the bot of examples/echo_bot.rs on the other side:
//
//   cargo run --example echo_bot 8099 &
//   PAGE_URL=http://127.0.0.1:8099 SHOTS=/tmp/shots node --test --test-concurrency=1 page.test.mjs

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openChat, PAGE_URL, startBrowser } from './browser.mjs';

const WAIT = 10_000;
/** A PNG of one red pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64');

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

const inView = (locator) => locator.evaluate((element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return top < innerHeight && bottom > 0;
});

test('an empty chat offers ideas and a start', async () => {
  await page.getByRole('heading', { name: 'Что нарисуем?' }).waitFor();
  assert.equal(await page.locator('#chips .chip').count(), 6);
  await page.getByRole('button', { name: 'Что умеет бот' }).click();
  await chat.answer('Привет!').waitFor({ timeout: WAIT });
  assert.ok(await page.locator('#empty').isHidden());
  assert.equal(await chat.answer('Привет!').locator('b').textContent(), 'Привет!');
});

test('Enter sends, Shift and Enter begins a new line', async () => {
  await chat.field.fill('красный');
  await chat.field.press('Shift+Enter');
  await chat.field.pressSequentially('дом');
  await chat.field.press('Enter');
  await page.getByRole('article', { name: 'Ваше сообщение' }).filter({ hasText: /^красный\nдом/ }).waitFor();
  await page.getByText('отправляет картинку…').waitFor();
  await chat.button('Ещё раз').waitFor({ timeout: WAIT });
  assert.equal(await chat.field.inputValue(), '');
});

test('a press is answered by a note or a window', async () => {
  await chat.button('Ещё раз').click();
  await page.locator('.toast', { hasText: 'Ещё раз' }).waitFor({ timeout: WAIT });
  await chat.button('Вариации').click();
  await page.getByText('Это окно, которое надо закрыть.').waitFor({ timeout: WAIT });
  await page.keyboard.press('Enter');
  await page.locator('#alert[open]').waitFor({ state: 'detached' });
});

test('commands are chosen by the keyboard alone', async () => {
  await chat.field.pressSequentially('/al');
  assert.equal(await page.getByRole('option').count(), 1);
  await chat.field.press('Enter');
  await page.locator('.album .photo').nth(3).waitFor({ timeout: WAIT });
});

test('the lightbox walks through pictures and Esc closes it', async () => {
  await page.locator('.album .photo').nth(1).click();
  assert.equal(await page.locator('#lightbox-count').textContent(), '3 / 5');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('#lightbox-count').textContent(), '5 / 5');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator('#lightbox-count').textContent(), '4 / 5');
  await page.keyboard.press('Escape');
  assert.ok(await page.locator('#lightbox').isHidden());
});

test('a reply quotes its message and leads back to it', async () => {
  await page.locator('#log > li').first().hover();
  await page.locator('#log > li').first().getByRole('button', { name: 'Ответить' }).click();
  await chat.say('спасибо');
  const quote = page.locator('.mine .quote').last();
  assert.match(await quote.textContent(), /\/start/);
  await chat.say('/text');
  await chat.answer('Абстракция').waitFor({ timeout: WAIT });
  await quote.click();
  await page.locator('#log > li.lit').waitFor();
  await page.waitForFunction(() => document.querySelector('#log > li').getBoundingClientRect().bottom > 0);
});

test('progress changes in place without moving the view, and new messages are counted', async () => {
  await chat.say('/progress');
  await chat.answer('Рисую… 20 %').waitFor({ timeout: WAIT });
  await page.locator('#scroller').evaluate((element) => element.scrollTo(0, 0));
  const first = chat.rows.first();
  const before = await first.boundingBox();
  await chat.answer('Готово').waitFor({ timeout: WAIT });
  assert.deepEqual(await first.boundingBox(), before);
  assert.ok(await inView(first));
  await page.getByRole('button', { name: 'К последнему сообщению' }).click();
});

test('several pasted pictures become an album with a caption', async () => {
  await chat.field.focus();
  await page.evaluate((bytes) => {
    const data = new DataTransfer();
    for (const name of ['a.png', 'b.png']) data.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, [...PIXEL]);
  assert.equal(await page.locator('#attached-files li').count(), 2);
  await chat.say('две точки');
  await page.locator('.mine .album').filter({ has: page.locator('.photo').nth(1) }).waitFor({ timeout: WAIT });
  await chat.answer('photos/').last().waitFor({ timeout: WAIT });
  await chat.screenshot('page-album');
  assert.ok(await page.locator('#attached').isHidden());
});

test('a file keeps its name and can be saved', async () => {
  await page.locator('#files').setInputFiles({ name: 'маска.png', mimeType: 'image/png', buffer: PIXEL });
  await page.getByRole('button', { name: 'Отправить' }).click();
  const card = page.locator('.mine .file').last();
  await card.filter({ hasText: 'маска.png' }).waitFor({ timeout: WAIT });
  await chat.screenshot('page-file');
  const [download] = await Promise.all([page.waitForEvent('download'), card.click()]);
  assert.equal(download.suggestedFilename(), 'маска.png');
});

test('a covered picture is shown by the first tap and opened by the second', async () => {
  await chat.say('/spoiler');
  const photo = chat.answer('Прикрыто').locator('.photo');
  await photo.waitFor({ timeout: WAIT });
  assert.match(await photo.locator('img').evaluate((image) => getComputedStyle(image).filter), /blur/);
  await chat.screenshot('page-spoiler');
  await photo.click();
  await page.waitForFunction(() => getComputedStyle(document.querySelector('.uncovered img')).filter === 'none');
  assert.ok(await page.locator('#lightbox').isHidden());
  await photo.click();
  await page.locator('#lightbox[open]').waitFor();
  await page.keyboard.press('Escape');
});

test('a picture of the bot is chosen by its name and some words', async () => {
  await chat.say('/link');
  await chat.button('Поделиться').click();
  assert.equal(await chat.field.inputValue(), '@kandinsky_playground_bot кот');
  await page.locator('.inline-photo').nth(3).waitFor({ timeout: WAIT });
  await chat.screenshot('page-inline');
  await page.locator('.inline-photo').nth(1).click();
  await page.locator('.mine').filter({ hasText: 'через @kandinsky_playground_bot' }).locator('.photo').waitFor({ timeout: WAIT });
  assert.ok(await page.locator('#inline').isHidden());
  assert.equal(await chat.field.inputValue(), '');
  await chat.screenshot('page-via');
});

test('links to the bot are followed in this chat, and in the address', async () => {
  await chat.answer('/?start=').locator('a').click();
  await chat.answer('Открыто по ссылке: r_7').waitFor({ timeout: WAIT });
  await page.goto(`${PAGE_URL}/?start=again`);
  await chat.answer('Открыто по ссылке: again').waitFor({ timeout: WAIT });
  assert.equal(new URL(page.url()).search, '');
});

test('language and theme are switched and remembered', async () => {
  await page.getByRole('button', { name: 'Switch to English' }).click();
  await page.getByRole('textbox', { name: 'Describe a picture…' }).waitFor();
  await page.getByRole('button', { name: 'Light or dark theme' }).click();
  await page.reload();
  await page.getByRole('textbox', { name: 'Describe a picture…' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.getByRole('button', { name: 'Переключить на русский' }).click();
});

test('a reloaded page has the whole history and stands at its end', async () => {
  const rows = await chat.rows.count();
  await page.reload();
  await chat.rows.nth(rows - 1).waitFor();
  assert.equal(await chat.rows.count(), rows);
  assert.ok(await inView(chat.rows.last()));
});

test('a phone shows everything without scrolling sideways', async () => {
  const phone = await openChat(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await phone.rows.first().waitFor();
  const overflow = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${overflow} pixels too wide`);
  const small = await phone.page.evaluate(() => [...document.querySelectorAll('footer button, header button')]
    .filter((button) => button.offsetParent && Math.min(button.offsetWidth, button.offsetHeight) < 40).length);
  assert.equal(small, 0, 'every button is large enough for a finger');
  assert.deepEqual(phone.errors, []);
});

test('nothing went wrong in the page, and nothing was asked of other servers', () => {
  assert.deepEqual(chat.errors, []);
});
