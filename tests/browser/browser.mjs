// A browser with one person's window, and what that person sees and does.
//
// PAGE_URL  address of a running playground (http://127.0.0.1:8080)
// SHOTS     folder for screenshots (none are taken without it)
// CHROMIUM  the browser's program (/usr/bin/chromium, Debian's package)

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const PAGE_URL = process.env.PAGE_URL ?? 'http://127.0.0.1:8080';
const SHOTS = process.env.SHOTS;
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** Starts a browser with an empty profile of its own. */
export function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Opens the page as someone whose browser speaks this language. */
export async function openChat(browser, options = {}) {
  const context = await browser.newContext({ locale: 'ru-RU', viewport: { width: 1200, height: 860 }, ...options });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('request', (request) => {
    const address = request.url();
    if (!address.startsWith(PAGE_URL) && !/^(data|blob):/.test(address)) errors.push(`asked for ${address}`);
  });
  await page.goto(PAGE_URL);
  return new Chat(page, errors);
}

/** One person's window. */
export class Chat {
  constructor(page, errors) {
    this.page = page;
    /** What went wrong in the page, and requests to elsewhere. */
    this.errors = errors;
    this.field = page.getByRole('textbox', { name: /^(Опишите картинку…|Describe a picture…)$/ });
    this.rows = page.locator('#log > li');
  }

  /** Types a text and sends it. */
  async say(text) {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  /** The bot's messages that contain this text. */
  answer(text) {
    return this.page.getByRole('article', { name: /бота|bot/i }).filter({ hasText: text });
  }

  /** A button of the bot, in the newest message that has it. */
  button(name) {
    return this.page.locator('.key').filter({ hasText: name }).last();
  }

  async screenshot(name) {
    if (!SHOTS) return;
    mkdirSync(SHOTS, { recursive: true });
    // Until what has just appeared has faded in.
    await this.page.waitForTimeout(500);
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }
}

/** The side of a picture in pixels, once the browser has it. */
export async function naturalSize(image) {
  await image.scrollIntoViewIfNeeded();
  return image.evaluate(async (element) => {
    await element.decode();
    return [element.naturalWidth, element.naturalHeight];
  });
}
