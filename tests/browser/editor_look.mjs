// Screenshots of the editor in all its states, for people to look at.
//
//   node editor_look.mjs [PART]    only those whose name begins so (desktop, phone, desktop-light, …)
//
// SHOTS  folder for them (target/browser)

import { mkdirSync } from 'node:fs';
import { startBrowser } from './browser.mjs';
import { startMock } from './editor_mock.mjs';
import { encodePng, landscape } from './editor_pictures.mjs';

const SHOTS = process.env.SHOTS ?? new URL('../../target/browser', import.meta.url).pathname;
mkdirSync(SHOTS, { recursive: true });
const mock = await startMock({ pace: 150 });
for (let i = 0; i < 9; i++) mock.add(landscape(600, 400 + (i % 3) * 200, i), i % 2 ? { job: `9${i}`, recipe: { prompt: ['луна над тихими холмами', 'закат'][i % 4 >> 1] } } : {});
const browser = await startBrowser();
const only = process.argv[2];

const SIZES = { desktop: { viewport: { width: 1200, height: 860 } }, phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } };
for (const [size, options] of Object.entries(SIZES)) {
  for (const [theme, language] of [['light', 'ru'], ['dark', 'en']]) {
    if (only && !`${size}-${theme}`.includes(only)) continue;
    const context = await browser.newContext({ ...options, colorScheme: theme, locale: language === 'ru' ? 'ru-RU' : 'en-US' });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.log(size, theme, error.stack));
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && console.log(size, theme, message.text()));
    let n = 0;
    const shot = async (name) => { await page.waitForTimeout(450); await page.screenshot({ path: `${SHOTS}/${size}-${theme}-${String(++n).padStart(2, '0')}-${name}.png` }); };
    const phone = size === 'phone';
    await page.addInitScript((lang) => localStorage.setItem('editor.language', lang), language);
    await page.goto(`${mock.page}#tgWebAppData=x`);
    await page.locator('#invite').waitFor();
    await shot('empty');
    if (phone) { await page.locator('#summary').click(); await shot('sheet'); await page.locator('#summary').click(); }
    const chooser = page.waitForEvent('filechooser');
    await page.locator('#invite-open').click();
    await (await chooser).setFiles({ name: 'photo.png', mimeType: 'image/png', buffer: encodePng(landscape(1500, 1000, 0)) });
    await page.locator('[data-tool=brush]:enabled').waitFor();
    await page.waitForTimeout(200);
    const box = await page.locator('#stage').boundingBox();
    const at = (x, y) => [box.x + box.width * x, box.y + box.height * y];
    await page.mouse.move(...at(0.35, 0.45));
    await page.mouse.down();
    for (let i = 0; i <= 20; i++) await page.mouse.move(...at(0.35 + i * 0.015, 0.45 + 0.03 * Math.sin(i / 3)));
    await page.mouse.up();
    await shot('painted');
    await page.locator('[data-keep=outline]').click();
    await shot('outline');
    await page.locator('[data-keep=red]').click();
    if (phone) await page.locator('#summary').click();
    await page.locator('#prompt').fill(language === 'ru' ? 'луна над тихими холмами' : 'the moon over quiet hills');
    await page.locator('#count button').nth(3).click();
    await page.locator('.more').click();
    await shot('panel');
    await page.locator('.more').click();
    await page.locator('summary').click();
    await page.locator('#panel-body').evaluate((e) => { e.scrollTop = 9999; });
    await shot('panel-more');
    await page.locator('#main').click();
    await page.waitForTimeout(1000);
    await shot('drawing');
    await page.locator('#results').waitFor({ timeout: 20000 });
    await page.waitForTimeout(300);
    await shot('results');
    await page.locator('.act', { hasText: /Сравнить|Compare/ }).click();
    await shot('compare');
    await page.keyboard.press('Escape');
    await page.locator('.act', { hasText: /^(Параметры|Parameters)$/ }).click();
    await shot('parameters');
    await page.keyboard.press('Escape');
    await page.locator('.result').nth(2).click();
    if (phone) await page.locator('#main').click(); else await page.locator('.act.primary').click();
    await page.locator('#results').waitFor({ state: 'hidden' });
    await page.locator('[data-tool=frame]').click();
    await page.locator('[data-keep="right"]').click();
    await page.locator('[data-keep="up"]').click();
    await shot('frame');
    await page.locator('[data-keep="window-768"]').click();
    await page.mouse.move(...at(0.5, 0.5));
    await page.mouse.down();
    await page.mouse.move(...at(0.5 + (phone ? 0.25 : 0.18), 0.42), { steps: 5 });
    await page.mouse.up();
    await shot('window');
    if (phone) await page.locator('#more').click(); else await page.locator('#mine').click();
    if (phone) { await shot('menu'); await page.locator('.entry').nth(1).click(); }
    await page.locator('.tile').nth(5).waitFor();
    await shot('gallery');
    await page.keyboard.press('Escape');
    if (!phone) { await page.keyboard.press('?'); await shot('keys'); await page.keyboard.press('Escape'); }
    await page.goto(`${mock.page}?x`);
    await context.close();
  }
}
const context = await browser.newContext({ ...SIZES.phone, locale: 'ru-RU' });
const page = await context.newPage();
await page.goto(mock.page);
await page.waitForTimeout(600);
await page.screenshot({ path: `${SHOTS}/phone-door.png` });
await browser.close();
mock.close();
