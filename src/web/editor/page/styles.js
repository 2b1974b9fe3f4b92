// Style cards with emblems, and their search.

import { button, byId, center, icon, image, make } from './dom.js';
import { now, update, watch } from './state.js';
import { hasWord, label, word } from './words.js';

/** The name of a style in the page's language. @param {string} code */
export const nameOf = (code) => (hasWord(`style-${code}`) ? word(`style-${code}`) : now().session?.styles.find((one) => one.code === code)?.name ?? code);
let open = false;
let sought = '';

export function buildStyles() {
  const search = make('input', { type: 'search', className: 'field', id: 'style-search', on: { input: () => { sought = search.value.trim().toLowerCase(); fill(); } } });
  const cards = make('div', { className: 'styles', role: 'radiogroup' });
  const more = button('more', [], () => { open = !open; show(); });
  byId('styles').replaceChildren(make('div', { className: 'row' }, make('h2', { id: 'styles-title' }), more), search, cards);

  const fill = () => {
    const { session, style } = now();
    const found = (session?.styles ?? []).filter((one) => nameOf(one.code).toLowerCase().includes(sought));
    const focused = document.activeElement?.getAttribute('data-code');
    cards.replaceChildren(...found.map((one) => {
      const on = one.code === style;
      return button('style', [
        image(one.sample ?? new URL(`./styles/${one.code}.svg`, import.meta.url).href, '', { width: 72, height: 72, loading: 'lazy' }),
        make('span', {}, nameOf(one.code)),
      ], () => update({ style: one.code }), { role: 'radio', 'aria-checked': String(on), tabIndex: on ? 0 : -1, data: { code: one.code } });
    }));
    if (cards.firstElementChild && !cards.querySelector('[tabindex="0"]')) /** @type {HTMLElement} */ (cards.firstElementChild).tabIndex = 0;
    if (found.length === 0) cards.append(make('p', { className: 'note' }, word('editor-style-nothing')));
    if (focused) /** @type {HTMLElement | null} */ (cards.querySelector(`[data-code="${focused}"]`))?.focus();
  };
  const show = () => {
    byId('styles').classList.toggle('open', open);
    search.hidden = !open;
    if (!open) { search.value = sought = ''; fill(); }
    more.replaceChildren(word(open ? 'editor-style-less' : 'editor-style-more'), icon('down'));
    more.setAttribute('aria-expanded', String(open));
    if (!open) center(cards, cards.querySelector('[aria-checked="true"]'));
  };
  cards.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.code];
    if (!step) return;
    event.preventDefault();
    const all = /** @type {HTMLElement[]} */ ([...cards.querySelectorAll('.style')]);
    const next = all[(all.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step + all.length) % all.length];
    next?.focus();
    next?.click();
  });
  watch(['session', 'language'], () => {
    byId('styles-title').textContent = word('editor-style');
    cards.setAttribute('aria-label', word('editor-style'));
    label(search, word('editor-style-search'));
    search.placeholder = word('editor-style-search');
    fill();
    show();
  });
  watch(['style'], fill);
}
