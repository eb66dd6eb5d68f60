import { html } from 'hono/html';
import { visibleText } from '../browser/visible-text.ts';
import type { Person } from '../github/person.ts';
import type { Caller } from '../routes/caller.ts';

/** A piece of a page, escaped where it has to be. */
export type Html = ReturnType<typeof html>;

/** A step on the way from the first page to this one; the last is this one, without an address. */
export type Crumb = { text: string; href?: string };

/** What a page says around its content. */
export type Frame = {
  title: string;
  /** The way here after the first page; none for that page, or for one that belongs nowhere. */
  trail?: Crumb[];
  /** Who looks at it; null where nobody signs in, as on the page that registers an App. */
  caller: Caller | null;
  /** For the head, e.g. a refresh for running builds. */
  head?: Html | '';
  /** The address of the sign in the browser's tab. */
  icon?: string;
};

/** A whole page around its content. */
export const layout = (
  { title, trail = [], caller, head = '', icon = '/assets/icon.svg' }: Frame,
  content: Html,
): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · Slipway</title>
    <link rel="icon" href="${icon}" type="image/svg+xml">
    <link rel="stylesheet" href="/assets/style.css">
    <script src="/assets/times.js" type="module"></script>
    ${head}
  </head>
  <body>
    <header>
      <nav class="trail" aria-label="Breadcrumb"><ol><li><a href="/">Slipway</a></li>${trail.map(crumb)}</ol></nav>
      ${caller ? html`<a href="/api">API</a>` : ''}
      ${caller?.canSignIn ? account(caller.person) : ''}
    </header>
    <main>${content}</main>
  </body>
</html>`;

const crumb = ({ text, href }: Crumb): Html =>
  html`<li>${href ? html`<a href="${href}">${visibleText(text)}</a>` : html`<span aria-current="page">${visibleText(text)}</span>`}</li>`;

/** Who looks, and the way in or out; one comes back to the page where one chose to sign in. */
const account = (person: Person | null): Html =>
  person
    ? html`<form method="post" action="/sign-out"><span>Signed in as ${visibleText(person.login)}</span>
      <button>Sign out</button></form>`
    : html`<a href="/sign-in" rel="nofollow">Sign in</a>`;
