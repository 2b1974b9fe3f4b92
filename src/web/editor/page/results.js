// The pictures of one job: choosing one and what can be done with it.

import { openCompare } from './compare.js';
import { ask, button, byId, dialog, fill, icon, image, make, toast } from './dom.js';
import { go } from './drawing.js';
import { removePicture, sendToChat, share } from './server.js';
import { now, update, watch } from './state.js';
import { inTelegram, knows, on, secondaryButton, send } from './telegram.js';
import { nameOf } from './styles.js';
import { lay, reason } from './work.js';
import { label, word } from './words.js';

/** @typedef {import('./state.js').Picture} Picture */

/** @param {Picture} picture */
const indexOf = (picture) => Number(picture.id.split('.')[1] ?? 0);
const chosenPicture = () => now().results[now().chosen] ?? null;

/** The chosen picture becomes the canvas. */
export async function takeChosen() {
  const picture = chosenPicture();
  if (picture && !picture.flagged) await lay(picture);
}

/** @param {Picture | null} [picture] the one on the canvas, if none is given */
export function download(picture = now().layer === 'results' ? chosenPicture() : now().picture) {
  if (!picture) return;
  if (!picture.transparent || !picture.download_jpg) return save(picture.download, picture, 'png');
  // Parts of it are empty: on white it can be shown anywhere.
  const white = picture.download_jpg;
  const box = dialog(word('editor-empty-parts'), [make('div', { className: 'dialog-row' },
    button('plain', [word('editor-as-it-is')], () => { box.close(); save(picture.download, picture, 'png'); }),
    button('primary', [word('editor-on-white')], () => { box.close(); save(white, picture, 'jpg'); }))], 'small');
}

/** @param {string} path @param {Picture} picture @param {string} ending */
function save(path, picture, ending) {
  const name = `kandinsky-${picture.id.replace(/[^\w]+/g, '-')}.${ending}`;
  const url = new URL(path, location.href).href;
  if (knows(8, 0)) return send('web_app_request_file_download', { url, file_name: name });
  // Older clients can not save: the chat can.
  if (inTelegram && picture.job) return toast(word('editor-no-download'), { label: word('editor-send-file'), act: () => void toChat('file', picture) });
  make('a', { href: url, download: name }).click();
}

/** @param {'photo' | 'file'} as @param {Picture | null} [picture] */
export async function toChat(as, picture = now().layer === 'results' ? chosenPicture() : now().picture) {
  if (!picture?.job) return;
  try {
    await sendToChat(picture.job, as, indexOf(picture));
    toast(word('editor-sent'));
  } catch (error) {
    toast(reason(error));
  }
}

/** @param {Picture} picture */
async function shareIt(picture) {
  try {
    const { prepared_id: id } = await share(picture.job ?? '', indexOf(picture));
    send('web_app_send_prepared_message', { id });
  } catch (error) {
    toast(reason(error));
  }
}

/** A picture's parameters, one a line. @param {import('./state.js').Recipe} recipe */
function listing({ prompt, style, negative, size, strength, closeness, seed, steps }) {
  const percent = (/** @type {number | undefined} */ part) => part !== undefined && word('editor-percent', { n: Math.round(part * 100) });
  const styled = style && style !== 'none' && nameOf(style);
  return /** @type {[string, unknown][]} */ ([
    ['editor-prompt', prompt], ['editor-style', styled], ['editor-negative', negative], ['editor-picture-size', size?.replace('x', ' × ')],
    ['editor-strength', percent(strength)], ['editor-closeness', percent(closeness)], ['editor-seed', seed], ['editor-steps', steps],
  ]).filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false).map(([name, value]) => `${word(name)}: ${value}`).join('\n');
}

/** Shows a picture's parameters, to copy or to use again. @param {Picture} picture */
export function parameters(picture) {
  const recipe = picture.recipe ?? {};
  const text = listing(recipe);
  const again = () => {
    update({
      prompt: recipe.prompt ?? '', negative: recipe.negative ?? '', style: recipe.style ?? 'none', seed: String(recipe.seed ?? ''), steps: recipe.steps ?? 0,
      ...(recipe.ratio ? { ratio: recipe.ratio } : {}),
      ...(recipe.strength ? { strength: Math.round(recipe.strength * 100) } : {}), ...(recipe.closeness ? { closeness: Math.round(recipe.closeness * 100) } : {}),
    });
    box.close();
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast(word('editor-copied'));
    } catch {
      getSelection()?.selectAllChildren(shown);
    }
  };
  const shown = make('pre', { tabIndex: 0 }, text);
  const box = dialog(word('editor-recipe'), [shown, make('div', { className: 'dialog-row' },
    button('plain', [icon('copy'), word('editor-copy')], copy), button('plain', [word('editor-recipe-use')], again),
    button('primary', [word('editor-close')], () => box.close(), { autofocus: true }))]);
}

/** Removes pictures from the server, after asking. @param {Picture} picture @returns {Promise<boolean>} */
export async function remove(picture) {
  if (!await ask(word('editor-delete-sure'), word('editor-delete'), word('editor-keep'))) return false;
  try {
    await removePicture(picture.id);
  } catch (error) {
    toast(reason(error));
    return false;
  }
  // Pictures of one job go together.
  const gone = (/** @type {Picture} */ one) => one.id === picture.id || (picture.job !== undefined && one.job === picture.job);
  const results = now().results.filter((one) => !gone(one));
  update({ versions: now().versions.filter((one) => !gone(one)), results, chosen: 0, layer: now().layer === 'results' && !results.length ? 'none' : now().layer });
  return true;
}

export function buildResults() {
  const layer = byId('results');
  const grid = make('ul', { className: 'grid' });
  const row = make('div', { className: 'acts', role: 'group' });
  const close = button('icon', [icon('close')], () => update({ layer: 'none' }));
  const title = make('h2', {});
  layer.replaceChildren(make('div', { className: 'layer-top' }, title, close), grid, row);

  watch(['results', 'language'], ({ results }) => {
    const [first] = results;
    grid.dataset['many'] = String(results.length);
    grid.dataset['wide'] = String(first !== undefined && first.width > first.height * 1.15);
    grid.replaceChildren(...results.map((picture, i) => {
      const one = button('result', [
      picture.flagged ? make('span', { className: 'note' }, word('editor-flagged')) : image(picture.view.url, ''),
      ], () => (now().chosen === i && results.length > 1 ? void takeChosen() : update({ chosen: i })), { 'aria-label': word('editor-result-n', { n: i + 1 }) });
      one.style.setProperty('--ratio', String(picture.width / picture.height));
      return make('li', {}, one);
    }));
  });
  watch(['results', 'chosen', 'language', 'layer', 'session', 'resultsFrom'], ({ results, chosen, layer: shown, session, resultsFrom }) => {
    const here = shown === 'results';
    const had = layer.contains(document.activeElement);
    layer.hidden = !here;
    secondaryButton(here && session?.features.send === true, word('editor-send'));
    if (!here) return;
    title.textContent = word('editor-results', { n: results.length });
    row.setAttribute('aria-label', word('editor-result-n', { n: chosen + 1 }));
    label(close, word('editor-close'));
    grid.querySelectorAll('button').forEach((one, i) => one.setAttribute('aria-pressed', String(i === chosen)));
    const picture = results[chosen];
    if (!picture) return;
    const act = (/** @type {string} */ name, /** @type {string} */ text, /** @type {() => void} */ run, className = 'act') => button(className, [icon(name), make('span', {}, word(text))], run);
    const open = !picture.flagged;
    fill(row,
      open && act('check', 'editor-take', () => void takeChosen(), 'act primary'),
      act('dice', 'editor-more', () => void go({ anew: true })),
      open && resultsFrom && act('compare', 'editor-compare', () => openCompare(resultsFrom, picture, 'results')),
      open && act('download', 'editor-download', () => download(picture)),
      session?.features.send && act('send', 'editor-send', () => void toChat('photo', picture)),
      session?.features.send && act('file', 'editor-send-file', () => void toChat('file', picture)),
      session?.features.share && knows(8, 0) && act('share', 'editor-share', () => void shareIt(picture)),
      picture.recipe && act('info', 'editor-recipe', () => parameters(picture)),
      act('trash', 'editor-delete', () => void remove(picture)),
    );
    if (!had && !document.querySelector('dialog')) grid.querySelectorAll('button')[chosen]?.focus({ preventScroll: true });
  });
  on('secondary_button_pressed', () => void toChat('photo'));
}
