// The page's words, from the server's Fluent files.

/** @typedef {string | {on: string, forms: Record<string, string>}} Entry */
/** @type {Record<string, Entry>} */
let words = {};
let plural = new Intl.PluralRules('en');
const KEY = 'editor.language';

/** The remembered choice, else the browser's language. */
export function preferredLanguage() {
  const stored = read();
  if (stored === 'ru' || stored === 'en') return stored;
  return navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}

function read() {
  try { return localStorage.getItem(KEY); } catch { return null; }
}

/** @returns {boolean} whether the person has chosen a language here */
export const languageChosen = () => read() !== null;

/** @param {string} name */
export function rememberLanguage(name) {
  try { localStorage.setItem(KEY, name); } catch { /* Asked again next time. */ }
}

/** @param {Record<string, Entry>} entries @param {string} language */
export function setWords(entries, language) {
  words = entries;
  plural = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  document.title = word('editor-title');
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-word]'))) element.textContent = word(element.dataset['word'] ?? '');
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-label]'))) label(element, word(element.dataset['label'] ?? ''));
}

/** A text with its values, in the right plural form. @param {string} id @param {Record<string, string | number>} [values] */
export function word(id, values = {}) {
  const entry = words[id];
  if (entry === undefined) return id;
  const text = typeof entry === 'string' ? entry : (entry.forms[plural.select(Number(values[entry.on]))] ?? entry.forms['other'] ?? id);
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {string} id @returns {boolean} */
export const hasWord = (id) => id in words;

/** Names an element for screen readers and on hover. @param {HTMLElement} element @param {string} text */
export function label(element, text) {
  element.setAttribute('aria-label', text);
  if (element.matches('button, a')) element.title = text;
}

/** "8 s", "3 min". @param {number} seconds */
export const duration = (seconds) =>
  seconds < 60 ? word('editor-seconds', { n: Math.max(1, Math.round(seconds)) }) : word('editor-minutes', { n: Math.round(seconds / 60) });
