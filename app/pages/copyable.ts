import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** A text of one line with a button that copies it; `what` tells the button from others. */
export const copyable = (text: string, what: string): Html =>
  html`<code>${text}</code> <button type="button" class="copy" data-copy="${text}"
    aria-label="Copy ${what}">Copy</button>`;
