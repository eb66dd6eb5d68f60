import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** A text of one line, or what is shown for it, with a button that copies it; `what` tells the button from others. */
export const copyable = (text: string, what: string, shown: Html | string = text): Html =>
  html`<span class="copyable"><code>${shown}</code> <button type="button" class="copy"
    data-copy="${text}" aria-label="Copy ${what}">Copy</button></span>`;
