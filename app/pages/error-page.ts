import { html } from 'hono/html';
import { layout } from './layout.ts';

/** What people see instead of a page: a sentence and the way back. */
export const errorPage = (title: string, message: string) =>
  layout(
    { title, caller: null },
    html`<h1>${title}</h1><p>${message}</p><p><a href="/">All builds</a></p>`,
  );
