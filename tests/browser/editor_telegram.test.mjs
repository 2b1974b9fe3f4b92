// The editor in a frame, as Telegram Web opens it: which events it sends and what it does with those it gets.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from './browser.mjs';
import { startMock } from './editor_mock.mjs';
import { landscape } from './editor_pictures.mjs';

const WAIT = 10_000;
/** The documented events (core.telegram.org/api/web-events) and the version of the Bot API that brought each. */
const SINCE = {
  iframe_ready: 0, web_app_ready: 600, web_app_expand: 600, web_app_close: 600, web_app_setup_main_button: 600, web_app_request_theme: 600, web_app_request_viewport: 600,
  web_app_setup_back_button: 601, web_app_trigger_haptic_feedback: 601, web_app_set_header_color: 601, web_app_setup_closing_behavior: 602, web_app_setup_swipe_behavior: 707,
  web_app_setup_secondary_button: 710, web_app_set_bottom_bar_color: 710, web_app_request_safe_area: 800, web_app_request_content_safe_area: 800,
  web_app_request_file_download: 800, web_app_send_prepared_message: 800,
};
const THEME = { bg_color: '#17212b', text_color: '#f5f5f5', hint_color: '#708499', link_color: '#6ab3f3', button_color: '#5288c1', button_text_color: '#ffffff', secondary_bg_color: '#232e3c' };

let browser;
before(async () => { browser = await startBrowser(); });
after(async () => { await browser?.close(); });

/** A client of Telegram around the editor. */
async function openClient(mock, { version = '9.1', ref = '' } = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'ru-RU', serviceWorkers: 'block' });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.stack));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.route(`${mock.url}/host`, (route) => route.fulfill({ contentType: 'text/html', body: '<body style="margin:0"></body>' }));
  await page.goto(`${mock.url}/host`);
  const start = ref && `&tgWebAppStartParam=${ref}`;
  const src = `${mock.page}#tgWebAppData=test&tgWebAppVersion=${version}&tgWebAppPlatform=weba&tgWebAppThemeParams=${encodeURIComponent(JSON.stringify(THEME))}${start}`;
  await page.evaluate((address) => {
    window.events = [];
    addEventListener('message', ({ data }) => { window.events.push(JSON.parse(data)); });
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-forms allow-popups');
    Object.assign(frame.style, { border: 0, width: '100vw', height: '100vh' });
    frame.src = address;
    document.body.append(frame);
  }, src);
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  await frame.waitForSelector('body[data-phase=ready]');
  const last = (type) => page.evaluate((name) => window.events.filter(({ eventType }) => eventType === name).at(-1)?.eventData, type);
  const until = async (check, what) => {
    for (const end = Date.now() + WAIT; Date.now() < end; await page.waitForTimeout(40)) if (await check()) return;
    assert.fail(what);
  };
  const send = (eventType, eventData = {}) => page.evaluate((event) => document.querySelector('iframe').contentWindow.postMessage(JSON.stringify(event), '*'), { eventType, eventData });
  return { page, frame, errors, last, until, send, types: () => page.evaluate(() => window.events.map(({ eventType }) => eventType)) };
}

test('the native buttons drive it from a photo to the chat', { timeout: 60_000 }, async () => {
  const mock = await startMock();
  mock.add(landscape(600, 400));
  const { page, frame, errors, last, until, send, types } = await openClient(mock, { ref: 'p_1' });
  const main = () => last('web_app_setup_main_button');
  await until(async () => (await main())?.text === 'Сделать вариации', 'it opens with the picture');
  assert.equal(await frame.locator('#main').isVisible(), false, 'no second button in the page');
  assert.equal((await main()).color, THEME.button_color);
  assert.deepEqual(await last('web_app_setup_swipe_behavior'), { allow_vertical_swipe: false });
  assert.deepEqual(await last('web_app_setup_back_button'), { is_visible: false });
  assert.deepEqual(await last('web_app_setup_closing_behavior'), { need_confirmation: false });

  await frame.locator('#summary').click();
  await until(async () => (await last('web_app_setup_back_button')).is_visible, 'the sheet can be closed by the back button');
  await frame.locator('#prompt').fill('сова');
  await until(async () => (await main()).text === 'Изменить', 'it changes by the description');
  await send('back_button_pressed');
  await until(async () => !(await last('web_app_setup_back_button')).is_visible, 'closed');

  await send('main_button_pressed');
  await until(async () => (await main()).is_progress_visible, 'the ring of the client');
  assert.equal((await last('web_app_setup_closing_behavior')).need_confirmation, true);
  await until(async () => (await main()).text === 'Взять за основу', 'results');
  assert.equal((await last('web_app_setup_secondary_button')).text, 'В чат');
  await send('secondary_button_pressed');
  await until(() => [...mock.jobs.values()][0].sent, 'sent to the chat');
  await frame.locator('.act', { hasText: 'Скачать' }).click();
  await until(() => last('web_app_request_file_download'), 'a request to save it');
  const download = await last('web_app_request_file_download');
  assert.match(download.url, new RegExp(`^${mock.url}/editor/p/j1\\.0\\.png\\?.*dl=1`));
  assert.equal(download.file_name, 'kandinsky-j1-0.png');
  await frame.locator('.act', { hasText: 'Поделиться' }).click();
  await until(() => last('web_app_send_prepared_message'), 'shared');
  assert.deepEqual(await last('web_app_send_prepared_message'), { id: 'prepared' });
  await send('main_button_pressed');
  await until(async () => !(await last('web_app_setup_secondary_button')).is_visible, 'taken');
  for (const type of await types()) assert.ok(type in SINCE, `${type} is documented`);
  assert.deepEqual(errors, []);
  await page.context().close();
  mock.close();
});

test('an old client gets only what it knows, and saves through the chat', { timeout: 60_000 }, async () => {
  const mock = await startMock();
  mock.add(landscape(600, 400), { job: '1' });
  const { page, frame, until, types } = await openClient(mock, { version: '6.0', ref: 'p_1' });
  await until(async () => (await frame.locator('#stage').getAttribute('aria-label'))?.includes('закрашено'), 'open');
  await frame.locator('#more').click();
  await frame.locator('.entry', { hasText: 'Скачать' }).click();
  await frame.getByText('Этот Telegram не умеет скачивать отсюда.').waitFor();
  for (const type of await types()) assert.ok(SINCE[type] <= 600, type);
  await page.context().close();
  mock.close();
});

test('colours and heights follow the client', { timeout: 60_000 }, async () => {
  const mock = await startMock();
  const { page, frame, send, until } = await openClient(mock);
  const css = (name) => frame.evaluate((one) => document.documentElement.style.getPropertyValue(one), name);
  assert.equal(await frame.evaluate(() => document.documentElement.dataset.theme), 'dark');
  assert.equal(await css('--bar'), '#17212b');
  await send('theme_changed', { theme_params: { ...THEME, bg_color: '#ffffff', secondary_bg_color: '#f1f1f1', text_color: '#000000' } });
  await until(async () => (await frame.evaluate(() => document.documentElement.dataset.theme)) === 'light', 'light now');
  await send('viewport_changed', { height: 500, width: 390, is_state_stable: false });
  await send('viewport_changed', { height: 700, width: 390, is_state_stable: true });
  await until(async () => (await css('--app-height')) === '700px', 'the stable height');
  await send('content_safe_area_changed', { top: 46, bottom: 0, left: 0, right: 0 });
  await until(async () => (await frame.locator('#top').boundingBox()).y >= 46, 'below the floating buttons');
  await page.context().close();
  mock.close();
});

test('reloaded by the client, it has everything again', { timeout: 60_000 }, async () => {
  const mock = await startMock();
  mock.add(landscape(600, 400));
  const { page, frame, send, until, last } = await openClient(mock, { ref: 'p_1' });
  await until(async () => (await last('web_app_setup_main_button'))?.text === 'Сделать вариации', 'open');
  await frame.locator('#summary').click();
  await frame.locator('#prompt').fill('сова');
  await page.waitForTimeout(400);
  await send('reload_iframe');
  await page.waitForTimeout(300);
  const again = await (await page.waitForSelector('iframe')).contentFrame();
  await again.waitForSelector('body[data-phase=ready]');
  await until(async () => (await again.locator('#prompt').inputValue()) === 'сова', 'the description');
  await until(async () => (await last('web_app_setup_main_button')).text === 'Изменить', 'the picture and the native button');
  await page.context().close();
  mock.close();
});
