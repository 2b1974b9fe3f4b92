// A person's window with the editor, and what that person does there.

import assert from 'node:assert/strict';
import { encodePng, landscape } from './editor_pictures.mjs';

export const WAIT = 10_000;
export const DESKTOP = { viewport: { width: 1200, height: 860 } };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const LAUNCH = 'tgWebAppData=test';

/** Opens the editor. `language` is that of the browser, `hash` how it was launched. */
export async function openEditor(browser, mock, { language = 'ru', hash = LAUNCH, query = '', ...options } = {}) {
  const context = await browser.newContext({ locale: language === 'ru' ? 'ru-RU' : 'en-US', ...DESKTOP, ...options });
  await context.addInitScript((name) => localStorage.getItem('editor.language') ?? localStorage.setItem('editor.language', name), language);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.stack));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('request', (request) => !request.url().startsWith(mock.url) && !/^(data|blob):/.test(request.url()) && errors.push(`asked for ${request.url()}`));
  await page.goto(`${mock.page}${query}#${hash}`);
  return new EditorWindow(page, errors, mock);
}

export class EditorWindow {
  constructor(page, errors, mock) {
    Object.assign(this, { page, errors, mock });
    this.main = page.locator('#main');
    this.prompt = page.locator('#prompt');
    this.results = page.locator('.result');
  }

  /** Opens a picture from this device and waits until it lies on the canvas. */
  async opensPhoto(width = 600, height = 400, seed = 0) {
    const before = await this.picture();
    await this.page.locator('#stage').evaluate((stage, bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], 'photo.png', { type: 'image/png' }));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, encodePng(landscape(width, height, seed)).toString('base64'));
    await this.until(async () => (await this.picture()) !== before, 'the photo is on the canvas');
  }

  /** Runs in the page with the modules of the editor. */
  inside(act, value) {
    return this.page.evaluate(`(async () => {
      const base = document.querySelector('script[src]').src.replace(/main\\.js$/, '');
      const [{ now }, { stage }, { timings }] = await Promise.all(['state.js', 'work.js', 'canvas.js'].map((name) => import(base + name)));
      return (${act.toString()})(now, stage, timings, ${JSON.stringify(value) ?? 'undefined'});
    })()`);
  }

  picture() { return this.inside((now) => now().picture?.id ?? null); }
  state() { return this.inside((now) => JSON.parse(JSON.stringify({ ...now(), session: null }))); }
  marked() { return this.inside((now, stage) => stage.mask.pixels.reduce((sum, pixel) => sum + (pixel & 1), 0)); }

  /** Where a point of the view is in the window. */
  async at(x, y) {
    const point = await this.inside((now, stage, timings, [u, v]) => {
      const { left, top } = stage.canvas.getBoundingClientRect();
      return { x: left + u * stage.size.width * stage.camera.scale + stage.camera.x, y: top + v * stage.size.height * stage.camera.scale + stage.camera.y };
    }, [x, y]);
    return point;
  }

  async until(check, what, time = WAIT) {
    for (const end = Date.now() + time; Date.now() < end; await this.page.waitForTimeout(50)) if (await check()) return;
    assert.fail(`it did not come to this: ${what}`);
  }

  async session() { return (this.cdp ??= await this.page.context().newCDPSession(this.page)); }

  /** Touches with fingers that are at these points (of the window); none: all are lifted. */
  async touch(type, ...points) {
    const cdp = await this.session();
    await cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(({ x, y, id = 0 }) => ({ x, y, id })) });
  }

  /** A stroke by a finger between two points of the picture. */
  async strokesByTouch(from, to, steps = 8) {
    const [a, b] = [await this.at(...from), await this.at(...to)];
    await this.touch('touchStart', a);
    for (let i = 1; i <= steps; i++) await this.touch('touchMove', { x: a.x + ((b.x - a.x) * i) / steps, y: a.y + ((b.y - a.y) * i) / steps });
    await this.touch('touchEnd');
  }

  /** A stroke by mouse or pen. */
  async strokes(from, to, pointerType = 'mouse', force = 0.5) {
    const cdp = await this.session();
    const [a, b] = [await this.at(...from), await this.at(...to)];
    const event = (type, x, y, buttons) => cdp.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons, clickCount: 1, pointerType, force });
    await event('mousePressed', a.x, a.y, 1);
    for (let i = 1; i <= 8; i++) await event('mouseMoved', a.x + ((b.x - a.x) * i) / 8, a.y + ((b.y - a.y) * i) / 8, 1);
    await event('mouseReleased', b.x, b.y, 0);
  }

  tool(name) { return this.page.locator(`[data-tool=${name}]`); }
  option(name) { return this.page.locator(`#options [data-keep="${name}"]`); }
  act(text) { return this.page.locator('#results .act').filter({ hasText: text }); }

  async draws() {
    await this.main.click();
    await this.results.first().waitFor({ timeout: WAIT });
  }

  /** The request of the newest job. */
  get wish() { return [...this.mock.jobs.values()].at(-1).wish; }
  get job() { return [...this.mock.jobs.values()].at(-1); }

  async closes() {
    assert.deepEqual(this.errors, []);
    await this.page.context().close();
  }
}
