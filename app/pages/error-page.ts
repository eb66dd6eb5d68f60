import { html } from 'hono/html';
import type { Caller } from '../routes/caller.ts';
import { layout } from './layout.ts';

/** What people see instead of a page: what is wrong in a sentence, and the way back. */
export function errorPage(
  { status, message }: { status: number; message: string },
  caller: Caller | null,
) {
  const title = titles[status] ?? (status >= 500 ? 'Not available now' : 'That did not work');
  return layout(
    { title, caller },
    html`<h1>${title}</h1><p>${message}</p><p><a href="/">All builds</a></p>`,
  );
}

const titles: Record<number, string> = {
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
};
