// The editor's page by itself, against a server of a few lines (editor_mock.mjs).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from './browser.mjs';
import { startMock } from './editor_mock.mjs';
import { landscape } from './editor_pictures.mjs';
import { PHONE, WAIT, openEditor } from './editor_window.mjs';

let browser;
let mock;
before(async () => { browser = await startBrowser(); });
after(async () => { await browser?.close(); });

/** A test with a server and a window of its own. */
function story(name, options, tell) {
  test(name, { timeout: 60_000 }, async () => {
    mock = await startMock({ pace: options.pace ?? 30 });
    const editor = await openEditor(browser, mock, options);
    try {
      await editor.page.locator('body[data-phase=ready], body[data-phase=refused]').waitFor();
      await tell(editor);
      await editor.closes();
    } finally {
      await editor.page.context().close().catch(() => {});
      mock.close();
    }
  });
}

/** The mask that arrived is the one that was painted. */
async function sameMask(editor) {
  const painted = await editor.inside((now, stage) => [...stage.mask.save()].join());
  const runs = [];
  let last = 0;
  let run = 0;
  const { mask } = editor.job;
  assert.deepEqual([mask.depth, mask.kind], [1, 0], 'one bit, grey, opaque');
  for (let i = 0; i < mask.data.length; i += 4) {
    if (mask.data[i] === last) run++;
    else { runs.push(run); last = mask.data[i]; run = 1; }
  }
  runs.push(run);
  const bytes = runs.flatMap((n) => { const out = []; for (; n > 127; n >>>= 7) out.push((n & 127) | 128); out.push(n); return out; });
  assert.equal(painted, bytes.join());
}

story('a mouse draws, redraws, takes and extends', {}, async (editor) => {
  const { page } = editor;
  assert.equal(await editor.main.getAttribute('aria-disabled'), 'true');
  await page.getByText('Опишите, что нарисовать.').waitFor();
  await editor.prompt.fill('луна над морем');
  await page.locator('[data-code=anime]').click();
  await page.locator('#ratio .chip', { hasText: '3:2' }).click();
  await editor.draws();
  assert.deepEqual([editor.wish.kind, editor.wish.prompt, editor.wish.style, editor.wish.ratio], ['text', 'луна над морем', 'anime', '3:2']);
  await editor.act('Взять за основу').click();
  await page.locator('#results').waitFor({ state: 'hidden' });

  await editor.strokes([0.2, 0.3], [0.6, 0.6]);
  assert.ok(await editor.marked() > 1000);
  assert.equal(await editor.main.textContent(), 'Перерисовать');
  await page.locator('#count .chip', { hasText: '2' }).click();
  await editor.draws();
  assert.deepEqual([editor.wish.kind, editor.wish.picture, editor.wish.count], ['inpaint', 'j1.0', 2]);
  await sameMask(editor);
  assert.equal(await editor.results.count(), 2);
  await editor.until(() => editor.job.seen, 'the server knows that the results were seen');
  await editor.results.nth(1).click();
  await editor.act('В чат').first().click();
  await editor.until(() => editor.job.sent?.length, 'sent');
  assert.deepEqual(editor.job.sent, [{ as: 'photo', index: 1 }]);
  await editor.act('Взять за основу').click();
  await page.locator('#results').waitFor({ state: 'hidden' });
  assert.equal(await editor.picture(), 'j2.1');

  await editor.tool('frame').click();
  await editor.option('right').click();
  assert.equal(await editor.main.textContent(), 'Расширить');
  await editor.draws();
  const { margins } = editor.wish;
  assert.deepEqual([margins.left, margins.top, margins.bottom], [0, 0, 0]);
  assert.ok(margins.right > 0 && margins.right % 8 === 0);
  await editor.act('Взять за основу').click();
  await editor.until(async () => (await editor.picture()) === 'j3.0', 'the extension is on the canvas');
  assert.equal(await page.locator('.version').count(), 5, 'the drawing, two redrawn, two extended');

  await page.locator('#compare').click();
  const slider = page.locator('.compare-box input');
  await slider.waitFor();
  const place = await page.locator('.compare-upper img').evaluate(({ style }) => [style.left, parseFloat(style.width)]);
  assert.equal(place[0], '0%');
  assert.ok(place[1] < 99, 'the smaller lies in its place on the larger');
  await slider.press('ArrowRight');
  assert.match(await slider.getAttribute('aria-valuetext'), /51/);
  await page.keyboard.press('Escape');
  const download = page.waitForEvent('download');
  await page.locator('#download').click();
  assert.match((await download).suggestedFilename(), /^kandinsky-j3-0\.png$/);
});

for (const [theme, language] of [['light', 'ru'], ['dark', 'en']]) {
  story(`a finger does the same on a phone (${theme}, ${language})`, { ...PHONE, colorScheme: theme, language }, async (editor) => {
    const { page } = editor;
    const [redraw, take] = language === 'ru' ? ['Перерисовать', 'Взять за основу'] : ['Redraw', 'Use this one'];
    await editor.opensPhoto(800, 600);
    await editor.strokesByTouch([0.2, 0.3], [0.7, 0.6], 30);
    assert.ok(await editor.marked() > 2000);
    assert.equal(await editor.main.textContent(), redraw);
    await page.locator('#summary').click();
    await editor.prompt.fill('луна');
    await editor.draws();
    assert.deepEqual([editor.wish.kind, editor.wish.prompt], ['inpaint', 'луна']);
    await sameMask(editor);
    assert.equal(await editor.main.textContent(), take);
    await editor.main.tap();
    await editor.until(async () => (await editor.picture()) === 'j1.0', 'taken');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, 'nothing reaches beyond the window');

    // The frame by its handle on the right.
    await editor.tool('frame').tap();
    await editor.page.waitForTimeout(100);
    const [a, b] = [await editor.at(1, 0.5), await editor.at(0.5, 0.5)];
    await editor.touch('touchStart', a);
    await editor.touch('touchMove', { x: a.x - 20, y: a.y });
    await editor.touch('touchMove', { x: (a.x + b.x) / 2, y: a.y });
    await editor.touch('touchEnd');
    assert.equal(await editor.main.textContent(), language === 'ru' ? 'Обрезать' : 'Crop');
    await editor.main.click();
    await editor.until(async () => (await editor.picture()).startsWith('p_') && (await editor.state()).picture.parent === 'j1.0', 'cropped, as a version of its own');
  });
}

story('a second finger takes the stroke back and zooms', PHONE, async (editor) => {
  await editor.opensPhoto();
  const [a, b] = [await editor.at(0.3, 0.4), await editor.at(0.6, 0.6)];
  await editor.touch('touchStart', a);
  await editor.touch('touchMove', { x: a.x + 20, y: a.y });
  assert.ok(await editor.marked() > 0);
  const scale = await editor.inside((now, stage) => stage.camera.scale);
  await editor.touch('touchStart', { x: a.x + 20, y: a.y }, { ...b, id: 1 });
  assert.equal(await editor.marked(), 0);
  await editor.touch('touchMove', { x: a.x - 30, y: a.y - 30 }, { x: b.x + 40, y: b.y + 40, id: 1 });
  await editor.touch('touchEnd');
  assert.ok(await editor.inside((now, stage) => stage.camera.scale) > scale * 1.1);
  assert.equal(await editor.page.evaluate(() => visualViewport.scale), 1, 'the page itself does not zoom');
  assert.equal((await editor.state()).canUndo, false);
});

story('two fingers tap to undo, three to redo', PHONE, async (editor) => {
  await editor.opensPhoto();
  await editor.strokesByTouch([0.3, 0.3], [0.6, 0.5]);
  const painted = await editor.marked();
  const point = await editor.at(0.5, 0.5);
  const fingers = [0, 1, 2].map((id) => ({ x: point.x + id * 40, y: point.y, id }));
  await editor.touch('touchStart', ...fingers.slice(0, 2));
  await editor.touch('touchEnd');
  assert.equal(await editor.marked(), 0);
  await editor.touch('touchStart', ...fingers);
  await editor.touch('touchEnd');
  assert.equal(await editor.marked(), painted);
});

story('a stroke that the system calls off leaves no mark', PHONE, async (editor) => {
  await editor.opensPhoto();
  const a = await editor.at(0.3, 0.4);
  await editor.touch('touchStart', a);
  await editor.touch('touchMove', { x: a.x + 60, y: a.y + 20 });
  assert.ok(await editor.marked() > 0);
  await editor.touch('touchCancel');
  assert.equal(await editor.marked(), 0);
});

story('a pen paints, the palm beside it does not, and then fingers pan', PHONE, async (editor) => {
  await editor.opensPhoto();
  await editor.strokes([0.3, 0.3], [0.6, 0.5], 'pen', 0.2);
  const thin = await editor.marked();
  assert.ok(thin > 0);
  await editor.strokesByTouch([0.2, 0.8], [0.7, 0.8]);
  assert.equal(await editor.marked(), thin, 'the palm');
  await editor.page.waitForTimeout(900);
  const before = await editor.inside((now, stage) => stage.camera.x);
  await editor.strokesByTouch([0.3, 0.8], [0.6, 0.8]);
  assert.equal(await editor.marked(), thin);
  assert.ok(await editor.inside((now, stage) => stage.camera.x) > before + 20, 'one finger pans');
  await editor.page.locator('#undo').click();
  await editor.until(async () => (await editor.marked()) === 0, 'undone');
  await editor.strokes([0.3, 0.3], [0.6, 0.5], 'pen', 1);
  assert.ok(await editor.marked() > thin * 1.3, 'pressure makes it wider');
});

story('everything by the keyboard alone', {}, async (editor) => {
  const { page } = editor;
  await editor.opensPhoto();
  await page.locator('#stage').focus();
  await page.keyboard.press('KeyB');
  await page.keyboard.press('Alt+ArrowLeft');
  await page.keyboard.press('Enter');
  for (let i = 0; i < 6; i++) await page.keyboard.press('Alt+ArrowDown');
  await page.keyboard.press('Enter');
  const painted = await editor.marked();
  assert.ok(painted > 500);
  assert.match(await page.locator('#stage').getAttribute('aria-label'), /^Холст\. Кисть 48, закрашено [1-9]\d* %$/);
  await page.keyboard.press('Shift+KeyI');
  assert.ok(await editor.marked() > painted);
  await page.keyboard.press('Control+KeyZ');
  assert.equal(await editor.marked(), painted);
  await page.keyboard.press('Control+Shift+KeyZ');
  await page.keyboard.press('Control+KeyZ');
  await page.keyboard.press('KeyI');
  assert.ok(await editor.marked() > painted * 5);
  await page.keyboard.press('Control+KeyZ');
  await page.keyboard.press('BracketRight');
  assert.equal((await editor.state()).brush, 55);
  await page.keyboard.press('Control+Enter');
  await editor.results.first().waitFor({ timeout: WAIT });
  assert.equal(editor.wish.kind, 'inpaint');
  await page.keyboard.press('Escape');
  assert.equal((await editor.state()).layer, 'none');
  await page.locator('#stage').focus();
  await page.keyboard.press('KeyF');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+Alt+ArrowDown');
  assert.deepEqual((await editor.state()).frame, { x: 0, y: 0, width: 608, height: 480 });
  await page.keyboard.press('Control+Enter');
  await editor.until(() => editor.job.wish.kind === 'outpaint', 'extends');
  await editor.results.first().waitFor({ timeout: WAIT });
  assert.deepEqual(editor.wish.margins, { left: 0, top: 0, right: 8, bottom: 80 });
  await page.keyboard.press('Enter');
  await editor.until(async () => (await editor.picture()) === 'j2.0', 'taken');
  await page.keyboard.press('Shift+Slash');
  await page.getByRole('heading', { name: 'Клавиши' }).waitFor();
  await page.keyboard.press('Escape');
});

story('the window slides over the edge and what is empty in it is drawn', {}, async (editor) => {
  await editor.opensPhoto(1500, 1000);
  await editor.tool('frame').click();
  await editor.option('window-768').click();
  assert.equal(await editor.main.getAttribute('aria-disabled'), 'true');
  await editor.strokes([0.5, 0.5], [0.95, 0.5]);
  assert.equal(await editor.main.getAttribute('aria-disabled'), 'false');
  assert.equal(await editor.main.textContent(), 'Дорисовать в окне');
  await editor.draws();
  const { window, kind, picture } = editor.wish;
  assert.deepEqual([kind, window.width, window.height], ['inpaint', 768, 768]);
  assert.ok(window.x + 768 > 1500 && window.y >= 0 && window.y + 768 <= 1000);
  assert.equal(editor.job.mask, undefined, 'without a mask');
  await editor.act('Взять за основу').click();
  await editor.until(async () => (await editor.state()).picture.width === window.x + 768, 'it is wider now');
  const [from, to] = [mock.pictures.get(picture).pixels, mock.pictures.get('j1.0').pixels];
  for (let y = 0; y < 1000; y += 97) for (let x = 0; x < window.x; x += 101) assert.equal(from.data[(y * 1500 + x) * 4], to.data[(y * to.width + x) * 4]);
});

story('pushed far off, the window stays on an eighth of itself', {}, async (editor) => {
  await editor.opensPhoto(1500, 1000);
  await editor.tool('frame').click();
  await editor.option('window-768').click();
  const from = await editor.at(0.5, 0.5);
  await editor.page.mouse.move(from.x, from.y);
  await editor.page.mouse.down();
  await editor.page.mouse.move(1195, 850, { steps: 12 });
  await editor.page.mouse.up();
  const { frame } = await editor.state();
  const share = ((Math.min(1500, frame.x + 768) - frame.x) * (Math.min(1000, frame.y + 768) - frame.y)) / 768 ** 2;
  assert.ok(share >= 0.125 && share < 0.6, `${share}`);
});

story('a reload in the middle brings everything back, the drawing too', { pace: 400 }, async (editor) => {
  const { page } = editor;
  await editor.opensPhoto();
  await editor.prompt.fill('сова');
  await editor.strokes([0.2, 0.3], [0.6, 0.6]);
  const painted = await editor.marked();
  await page.waitForTimeout(400);
  await page.reload();
  await editor.until(async () => (await editor.picture()) !== null, 'the picture is there again');
  assert.equal(await editor.marked(), painted);
  assert.equal(await editor.prompt.inputValue(), 'сова');
  await editor.main.click();
  await editor.until(async () => (await editor.state()).job !== null, 'it is being drawn');
  await page.reload();
  await editor.page.locator('#progress').waitFor();
  await editor.results.first().waitFor({ timeout: WAIT });
  assert.equal(mock.jobs.size, 1);
  assert.ok(!page.url().includes('tgWebAppData'), 'what signs the person in is not in the address');
});

story('without a connection nothing is lost', {}, async (editor) => {
  const { page } = editor;
  await editor.opensPhoto();
  await editor.strokes([0.2, 0.3], [0.6, 0.6]);
  await page.context().setOffline(true);
  await page.locator('#offline').waitFor();
  await editor.strokes([0.2, 0.7], [0.6, 0.7]);
  await editor.main.click();
  await page.locator('#progress-text', { hasText: 'Отправляю…' }).waitFor();
  await page.waitForTimeout(300);
  await page.context().setOffline(false);
  await editor.results.first().waitFor({ timeout: WAIT });
  assert.equal(mock.jobs.size, 1, 'drawn once');
  assert.equal(await page.locator('#offline').isVisible(), false);
  editor.errors.length = 0;
});

story('where streams are cut it asks again and again', { pace: 300 }, async (editor) => {
  mock.faults.streams = false;
  await editor.opensPhoto();
  await editor.strokes([0.2, 0.3], [0.6, 0.6]);
  await editor.main.click();
  await editor.results.first().waitFor({ timeout: 20_000 });
  assert.ok(mock.log.filter((line) => line === 'GET /editor/api/jobs/1').length > 0);
});

story('the picture emerges in its place, and can be stopped', { pace: 700 }, async (editor) => {
  const { page } = editor;
  await editor.opensPhoto();
  await editor.strokes([0.2, 0.3], [0.6, 0.6]);
  await editor.main.click();
  await page.locator('#progress-text', { hasText: 'Рисую…' }).waitFor();
  await editor.until(() => editor.inside((now, stage) => stage.preview !== null), 'a preview');
  await page.locator('#stop').click();
  await editor.until(() => editor.job.state === 'cancelled', 'cancelled');
  assert.equal(await editor.inside((now, stage) => stage.preview), null);
  assert.equal(await editor.main.getAttribute('aria-disabled'), 'false');
  assert.ok(await editor.marked() > 0, 'the mask stays');
});

story('a refusal is told beside the button', {}, async (editor) => {
  mock.faults.refuse = [429, 'limit', 'Лимит на час исчерпан: вы заказали уже 5 картинок.', { 'retry-after': '60' }];
  await editor.prompt.fill('кот');
  await editor.main.click();
  await editor.page.locator('#hint.trouble', { hasText: 'Лимит на час исчерпан' }).waitFor();
  mock.faults.refuse = null;
  mock.faults.fail = { code: 'engine', message: 'Не получилось нарисовать.' };
  await editor.main.click();
  await editor.page.locator('#hint.trouble', { hasText: 'Не получилось нарисовать' }).waitFor();
  editor.errors.length = 0;
});

story('a mix of the canvas, a picture and words', {}, async (editor) => {
  const { page } = editor;
  mock.add(landscape(300, 300, 2), { recipe: { prompt: 'закат' } });
  await editor.opensPhoto();
  await page.locator('summary').click();
  await page.getByRole('button', { name: 'Из моих' }).click();
  await page.locator('#gallery-search').fill('ЗАКАТ');
  assert.equal(await page.locator('.tile').count(), 1);
  await page.locator('.tile').click();
  await editor.prompt.fill('сова');
  assert.equal(await editor.main.textContent(), 'Смешать');
  await page.locator('#share-0').press('ArrowRight');
  await editor.draws();
  const { parts, kind } = editor.wish;
  assert.equal(kind, 'mix');
  assert.deepEqual(parts.map(({ weight }) => weight), [0.5, 0.55, 0.5]);
  assert.equal(parts[2].text, 'сова');
});

story('an old picture is found in the gallery, opened and removed', {}, async (editor) => {
  const { page } = editor;
  await editor.opensPhoto(300, 200, 1);
  await page.locator('#mine').click();
  await page.locator('.tile-more').first().click();
  await page.getByRole('button', { name: 'Удалить' }).click();
  await page.getByRole('button', { name: 'Не удалять' }).click();
  assert.equal(mock.pictures.size, 1);
  await page.locator('.tile-more').first().click();
  await page.getByRole('button', { name: 'Удалить' }).click();
  await page.locator('dialog .danger').click();
  await page.getByText('Пока пусто').waitFor();
  assert.equal(mock.pictures.size, 0);
});

story('it opens with the picture below whose button it was pressed', { query: '?ref=p_1' }, async (editor) => {
  await editor.until(async () => (await editor.state()).phase === 'ready', 'ready');
  await editor.page.getByText('Этой картинки уже нет.').waitFor();
});

story('the other language is one choice away', {}, async (editor) => {
  const { page } = editor;
  await page.locator('#more').click();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('What shall we draw?').waitFor();
  assert.equal(await page.locator('[data-code=mosaic] span').textContent(), 'Mosaic');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.reload();
  await page.getByText('What shall we draw?').waitFor();
});

story('without a way in it says so', { hash: '' }, async (editor) => {
  await editor.page.getByText('Откройте редактор из чата заново.').waitFor();
  assert.equal(await editor.page.locator('#door-again').isVisible(), true);
});

story('a banned person reads the words of the server', { hash: 'tgWebAppData=test' }, async (editor) => {
  mock.faults.session = [403, 'banned', 'К сожалению, владелец бота закрыл вам доступ.'];
  await editor.page.evaluate(() => sessionStorage.clear());
  await editor.page.goto(`${mock.page}?again#tgWebAppData=test`);
  await editor.page.getByText('К сожалению, владелец бота закрыл вам доступ.').waitFor();
  editor.errors.length = 0;
});

story('a file that is no picture is refused in words', {}, async (editor) => {
  await editor.page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['hello'], 'note.png', { type: 'image/png' }));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
  });
  await editor.page.getByText('Это не открывается как картинка').waitFor();
  editor.errors.length = 0;
});

story('a session that has run out says so, and the work is there again with the next one', {}, async (editor) => {
  const { page } = editor;
  await editor.opensPhoto();
  await editor.strokes([0.2, 0.3], [0.6, 0.6]);
  const painted = await editor.marked();
  await page.waitForTimeout(400);
  mock.faults.expired = true;
  mock.faults.session = [401, 'expired', 'Откройте редактор из чата заново.'];
  await editor.main.click();
  await page.locator('#door').getByText('Откройте редактор из чата заново.').waitFor();
  Object.assign(mock.faults, { expired: false, session: null });
  await page.goto(`${mock.page}?again#tgWebAppData=test`);
  await editor.until(async () => (await editor.picture()) !== null && (await editor.marked()) === painted, 'picture and mask');
  editor.errors.length = 0;
});

story('an answer that is lost on its way does not make a second drawing', {}, async (editor) => {
  let lost = 0;
  await editor.page.route('**/editor/api/jobs', async (route) => {
    if (route.request().method() !== 'POST' || lost++) return route.continue();
    await route.fetch();
    await route.abort('connectionreset');
  });
  await editor.prompt.fill('кот');
  await editor.main.click();
  await editor.results.first().waitFor({ timeout: WAIT });
  assert.ok(lost > 1, 'asked twice');
  assert.equal(mock.jobs.size, 1);
  editor.errors.length = 0;
});
