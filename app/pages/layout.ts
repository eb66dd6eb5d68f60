import { html } from 'hono/html';
import { style } from './style.ts';

type Html = ReturnType<typeof html>;

/** A whole page around its content. `head` goes into the head, e.g. a refresh for running builds. */
export const layout = (
  title: string,
  content: Html,
  head: Html | '' = '',
): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · Slipway</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <style>${style}</style>
    ${head}
  </head>
  <body>
    <header><a href="/">Slipway</a></header>
    <main>${content}</main>
  </body>
</html>`;
