// The beginning: words, session, what was kept, and what lies around the canvas.

import { beforeOf, compareCanvas } from './compare.js';
import { byId, button, dialog, icon, make, tell, toast } from './dom.js';
import { attend } from './drawing.js';
import { buildGallery, openGallery } from './gallery.js';
import { listenToPointers } from './gestures.js';
import { back, listenToKeys, showKeys } from './keys.js';
import { buildPanel, mainState, phone, pickFile } from './panel.js';
import { buildResults, download, parameters, remove, toChat } from './results.js';
import { Refusal, begin, fetchWords, runningJobs } from './server.js';
import { now, update, watch } from './state.js';
import { backButton, inTelegram, launch, on, send, sent, start } from './telegram.js';
import { buildTools } from './tools.js';
import { buildVersions } from './versions.js';
import { blank, lay, openFile, redo, restore, save, stage, undo } from './work.js';
import { duration, languageChosen, preferredLanguage, rememberLanguage, setWords, word } from './words.js';

/** @param {string} language */
async function speak(language) {
  const { words } = await fetchWords(language);
  setWords(words, language);
  update({ language });
}

async function open() {
  try {
    await speak(preferredLanguage());
  } catch {
    // Nothing can be said without words: once more, soon.
    setTimeout(open, 2000);
    return;
  }
  build();
  await enter();
}

async function enter() {
  update({ phase: 'starting', refusal: '' });
  let session;
  try {
    session = await begin({ ...(launch.initData ? { init_data: launch.initData } : {}), ...(launch.code ? { code: launch.code } : {}), ...(launch.start ? { start: launch.start } : {}) });
  } catch (error) {
    const refused = error instanceof Refusal;
    update({ phase: 'refused', refusal: (refused && error.message) || word(refused ? 'editor-expired' : 'editor-offline') });
    return;
  }
  if (!languageChosen() && session.user.language !== now().language && ['ru', 'en'].includes(session.user.language)) await speak(session.user.language).catch(() => {});
  update({ session, phase: 'ready', windowSide: session.model.native });
  const wanted = session.start?.picture;
  const job = await restore(!wanted);
  if (wanted) await lay(wanted);
  if (session.start?.error) toast(session.start.error.message);
  await resume(job);
}

/** Finds a drawing again that was under way. @param {string | null} kept */
async function resume(kept) {
  const { jobs } = await runningJobs().catch(() => ({ jobs: [] }));
  const id = kept ?? jobs[0]?.id;
  if (!id) return;
  const found = jobs.find((job) => job.id === id) ?? { id, rev: -1, state: /** @type {const} */ ('queued'), place: null, progress: 0, seconds_left: null, preview: null, pictures: [], failure: null };
  update({ resultsFrom: now().picture });
  await attend(found, null, null).catch(() => update({ job: null }));
}

function build() {
  buildTools();
  buildPanel();
  buildResults();
  buildVersions();
  buildGallery();
  buildProgress();
  buildTop();
  buildSheet();
  buildDoor();
  listenToPointers(stage, { undo, redo, stroke: save });
  listenToKeys();
  on('main_button_pressed', () => { const { active, act } = mainState(); if (active) act(); });
  on('back_button_pressed', back);
  watch(['layer', 'sheet'], ({ layer, sheet }) => backButton(layer !== 'none' || sheet !== 'closed'));
}

/** Where a drawing stands. */
function buildProgress() {
  const ring = /** @type {HTMLElement} */ (document.querySelector('#ring circle:last-child'));
  watch(['sending', 'job', 'language', 'layer', 'opening'], ({ sending, job, opening }) => {
    const box = byId('progress');
    box.hidden = !sending && !job && !opening;
    byId('stop').hidden = opening && !sending && !job;
    const percent = Math.round((job?.progress ?? 0) * 100);
    ring.style.strokeDashoffset = String(100 - percent);
    byId('ring').classList.toggle('turning', !job || (job.state === 'queued' && !percent));
    const left = job?.seconds_left ? word('editor-left', { time: duration(job.seconds_left) }) : '';
    const text = !job ? word(opening && !sending ? 'editor-opening' : 'editor-sending')
      : job.state === 'running' ? word('editor-drawing', { n: percent })
        : word(job.loading ? 'editor-model-loading' : job.paused ? 'editor-paused' : job.place ? 'editor-place' : 'editor-next', { n: job.place ?? 0 });
    byId('progress-text').textContent = text;
    byId('progress-left').textContent = left;
    if (!box.hidden && (percent % 25 === 0 || !job)) tell(text);
  });
}

function buildTop() {
  const act = (/** @type {string} */ id, /** @type {() => void} */ run) => byId(id).addEventListener('click', run);
  act('open', () => pickFile(openFile));
  act('invite-open', () => pickFile(openFile));
  act('invite-mine', () => openGallery());
  act('mine', () => openGallery());
  act('compare', compareCanvas);
  act('download', () => download());
  act('send', () => void toChat('photo'));
  act('more', menu);
  watch(['picture', 'versions', 'session', 'language'], ({ picture, session }) => {
    /** @type {HTMLButtonElement} */ (byId('compare')).disabled = !beforeOf();
    /** @type {HTMLButtonElement} */ (byId('download')).disabled = !picture;
    byId('send').hidden = !session?.features.send;
    /** @type {HTMLButtonElement} */ (byId('send')).disabled = !picture?.job;
  });
  addEventListener('paste', (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (!file) return;
    event.preventDefault();
    void openFile(file);
  });
  addEventListener('dragover', (event) => { event.preventDefault(); document.body.classList.add('drop'); });
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) document.body.classList.remove('drop'); });
  addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('drop');
    void openFile(event.dataTransfer?.files[0]);
  });
}

/** Everything that needs no button of its own. */
function menu() {
  const { picture, session, language } = now();
  const entry = (/** @type {string} */ name, /** @type {string} */ text, /** @type {() => void} */ run) =>
    button('entry', [icon(name), word(text)], () => { box.close(); run(); });
  const box = dialog(word('editor-menu'), [make('div', { className: 'entries' },
    entry('photo', 'editor-open', () => pickFile(openFile)), entry('grid', 'editor-gallery', () => openGallery()), entry('blank', 'editor-blank', blank),
    picture && entry('download', 'editor-download', () => download()),
    picture?.job && session?.features.send && entry('send', 'editor-send', () => void toChat('photo')),
    picture?.job && session?.features.send && entry('file', 'editor-send-file', () => void toChat('file')),
    picture?.recipe && entry('info', 'editor-recipe', () => parameters(picture)),
    picture && entry('trash', 'editor-delete', async () => { if (await remove(picture)) blank(); }),
    !phone.matches && entry('keys', 'editor-keys', showKeys),
    entry('globe', 'editor-switch-language', async () => {
      const other = language === 'ru' ? 'en' : 'ru';
      await speak(other).then(() => rememberLanguage(other)).catch(() => toast(word('editor-offline')));
    }),
    location.hash === '#debug' && entry('info', 'editor-debug', () => dialog(word('editor-debug'), [make('pre', { tabIndex: 0 }, sent.map((event) => JSON.stringify(event)).join('\n'))])))], 'menu');
}

/** The sheet of a phone, which is the panel of a desktop. */
function buildSheet() {
  const panel = byId('panel');
  const grip = byId('grip');
  const inert = () => { panel.inert = phone.matches && now().sheet === 'closed'; };
  watch(['sheet'], ({ sheet }) => {
    panel.dataset['sheet'] = sheet;
    inert();
  });
  phone.addEventListener('change', inert);
  /** @type {{y: number, height: number, moved: number} | null} */
  let drag = null;
  grip.addEventListener('click', () => update({ sheet: now().sheet === 'half' ? 'full' : 'half' }));
  grip.addEventListener('pointerdown', (event) => {
    grip.setPointerCapture(event.pointerId);
    drag = { y: event.clientY, height: panel.offsetHeight, moved: 0 };
  });
  grip.addEventListener('pointermove', (event) => {
    if (!drag) return;
    drag.moved = event.clientY - drag.y;
    panel.style.transform = `translateY(${Math.max(0, drag.moved)}px)`;
  });
  const drop = () => {
    if (!drag) return;
    const { moved } = drag;
    drag = null;
    panel.style.transform = '';
    const order = /** @type {const} */ (['closed', 'half', 'full']);
    const at = order.indexOf(now().sheet);
    if (Math.abs(moved) < 24) return;
    // The click that follows is none.
    grip.addEventListener('click', (event) => event.stopImmediatePropagation(), { once: true, capture: true });
    update({ sheet: moved > 0 ? order[moved > 200 ? 0 : Math.max(0, at - 1)] ?? 'closed' : 'full' });
  };
  grip.addEventListener('pointerup', drop);
  grip.addEventListener('pointercancel', drop);
  new ResizeObserver(() => document.documentElement.style.setProperty('--bar-height', `${byId('bar').offsetHeight}px`)).observe(byId('bar'));
  // Keyboards of phones cover the page and do not make it smaller.
  const fit = () => { if (visualViewport && phone.matches && !inTelegram) document.documentElement.style.setProperty('--app-height', `${visualViewport.height}px`); else if (!inTelegram) document.documentElement.style.removeProperty('--app-height'); };
  visualViewport?.addEventListener('resize', fit);
}

/** What is said instead of the editor, and that there is no connection. */
function buildDoor() {
  watch(['phase', 'refusal', 'language'], ({ phase, refusal }) => {
    document.body.dataset['phase'] = phase;
    byId('door').hidden = phase !== 'refused';
    byId('app').inert = phase === 'refused';
    byId('door-text').textContent = refusal;
    if (phase === 'ready') byId('loading').hidden = true;
  });
  byId('door-again').addEventListener('click', () => void enter());
  byId('door-close').hidden = !inTelegram;
  byId('door-close').addEventListener('click', () => send('web_app_close'));
  watch(['online', 'language'], ({ online }) => { byId('offline').hidden = online; });
  addEventListener('offline', () => update({ online: false }));
  addEventListener('online', () => update({ online: true }));
}

start();
void open();
