import { html } from 'hono/html';
import type { Caller } from '../routes/caller.ts';

/** A piece of a page, escaped where it has to be. */
export type Html = ReturnType<typeof html>;

/** What a page says around its content. */
export type Frame = {
  title: string;
  /** Who looks at it; null where nobody signs in, as on the page that registers an App. */
  caller: Caller | null;
  /** For the head, e.g. a refresh for running builds. */
  head?: Html | '';
  /** The address of the sign in the browser's tab. */
  icon?: string;
};

/** A whole page around its content. */
export const layout = (
  { title, head = '', icon = '/assets/icon.svg' }: Frame,
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
    ${head}
  </head>
  <body>
    <header><a href="/">Slipway</a></header>
    <main>${content}</main>
  </body>
</html>`;
