// Calls to this server; see page_api.rs for what each takes and gives.

import { language } from './words.js';

/** An answer's JSON. An error that the server gave a reason for is `refused`: sending the same again can not help. */
async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const refused = response.status >= 400 && response.status < 500;
  throw Object.assign(new Error(body.description ?? response.statusText), { refused });
}

const get = async (path) => read(await fetch(`/page/${path}`));

const post = async (path, body) =>
  read(await fetch(`/page/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, lang: language() }),
  }));

export const sendText = (text, replyTo) => post('message', { text, reply_to: replyTo });
export const press = (messageId, data) => post('press', { message_id: messageId, data });
export const start = (parameter) => post('start', { param: parameter });
export const askInline = (query) => post('inline', { query });
export const chooseInline = (queryId, resultId) => post('inline/choose', { inline_query_id: queryId, result_id: resultId });
export const clear = () => post('clear', {});
export const tellLanguage = () => post('language', {});
export const history = () => get('history');
export const bot = () => get(`bot?lang=${language()}`);
/** The address of a Mini App with its launch data; without a button's address the one of the header. */
export const openApp = (address, theme) =>
  get(`webapp?${new URLSearchParams({ ...(address ? { url: address } : {}), theme, lang: language() })}`);
export const suggestions = () => get('suggestions');
export const fileUrl = (fileId) => `/page/file/${fileId}`;
export const saveUrl = (fileId, name) => `/page/file/${fileId}?name=${encodeURIComponent(name)}`;

/** Sends files; several make an album. `as` is 'photo' or 'file'. */
export async function sendFiles(files, as, caption, replyTo) {
  const form = new FormData();
  form.set('as', as);
  form.set('lang', language());
  if (caption) form.set('caption', caption);
  if (replyTo) form.set('reply_to', replyTo);
  for (const file of files) form.append('file', file, file.name || 'picture.png');
  return read(await fetch('/page/upload', { method: 'POST', body: form }));
}

/** Listens to events; the browser connects again by itself, and `opened` runs each time it has. */
export function listen(opened, event, lost) {
  const source = new EventSource('/page/events');
  source.onopen = opened;
  source.onmessage = ({ data }) => event(JSON.parse(data));
  source.onerror = () => {
    lost();
    // A browser gives up when the server refuses: keep trying, it may only be starting anew.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(opened, event, lost), 2000);
  };
}
