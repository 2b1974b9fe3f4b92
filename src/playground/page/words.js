// The page's words in the chosen language, and the choice itself.

const KEY = 'language';
const LANGUAGES = ['ru', 'en'];
let words = {};
let current = 'en';
let plural = new Intl.PluralRules('en');

/** The language in use: 'ru' or 'en'. */
export const language = () => current;

/** The other one. */
export const otherLanguage = () => LANGUAGES.find((name) => name !== current);

/** Remembered choice, else the browser's language. */
export function preferredLanguage() {
  const stored = localStorage.getItem(KEY);
  if (LANGUAGES.includes(stored)) return stored;
  return navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}

/** Fetches the words of a language and writes them into the page. */
export async function loadWords(name) {
  const response = await fetch(`/page/words?lang=${name}`);
  words = await response.json();
  current = name;
  plural = new Intl.PluralRules(name);
  document.documentElement.lang = name;
  document.title = word('page-title');
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll('[data-label]')) label(element, word(element.dataset.label));
}

/** Remembers the person's choice. */
export const rememberLanguage = (name) => localStorage.setItem(KEY, name);

/** A word or sentence, with `{name}` replaced and the plural form chosen. */
export function word(id, values = {}) {
  const entry = words[id];
  if (entry === undefined) return id;
  const text = typeof entry === 'string' ? entry : (entry.forms[plural.select(values[entry.on])] ?? entry.forms.other);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Names an element for screen readers and on hover; a text field by its placeholder as well. */
export function label(element, text) {
  element.setAttribute('aria-label', text);
  if (element.matches('button, a')) element.title = text;
  if (element.matches('textarea')) element.placeholder = text;
}
