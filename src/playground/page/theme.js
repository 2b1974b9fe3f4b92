// Light or dark: as the system has it, until the person chooses.

import { byId } from './dom.js';

const KEY = 'theme';
const system = matchMedia('(prefers-color-scheme: dark)');

const current = () => localStorage.getItem(KEY) ?? (system.matches ? 'dark' : 'light');

function apply() {
  document.documentElement.dataset.theme = current();
  document.querySelector('meta[name=theme-color]').content = current() === 'dark' ? '#1b1f2a' : '#ffffff';
}

/** Applies the theme and connects its button. */
export function startTheme() {
  apply();
  system.addEventListener('change', apply);
  byId('theme').addEventListener('click', () => {
    localStorage.setItem(KEY, current() === 'dark' ? 'light' : 'dark');
    apply();
  });
}
