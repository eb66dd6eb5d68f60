import { html } from 'hono/html';
import { visibleText } from '../browser/visible-text.ts';
import type { Person } from '../github/person.ts';
import type { ApiError } from '../routes/api-error.ts';
import type { Caller } from '../routes/caller.ts';
import { type Html, layout } from './layout.ts';

/** What people see instead of a page: what is wrong in a sentence, and the way back, to the `form` if one was sent. */
export function errorPage(
  { status, message, next }: Pick<ApiError, 'status' | 'message' | 'next'>,
  caller: Caller | null,
  form: string | null = null,
) {
  const title = titles[status] ?? (status >= 500 ? 'Not available now' : 'That did not work');
  return layout(
    { title, caller },
    html`<h1>${title}</h1><p>${message}</p>
      ${next ? html`<p><a href="${next.href}">${next.text}</a></p>` : ''}
      ${status === 404 && caller?.canSignIn ? perhapsPrivate(caller.person) : ''}
      <p>${form ? html`<a href="${form}">Back to the form</a> · ` : ''}<a href="/">All builds</a></p>`,
  );
}

/** Said of what is not there at all too, so that it tells nothing. */
const perhapsPrivate = (person: Person | null): Html =>
  person
    ? html`<p>You are signed in as ${visibleText(person.login)}. If that account can read it on GitHub,
      sign out and in again.</p>`
    : html`<p>If it belongs to a private repository that you can read on GitHub,
      <a href="/sign-in">sign in</a> to see it.</p>`;

const titles: Record<number, string> = {
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
};
