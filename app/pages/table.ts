import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** What stands in a cell. */
export type Cell = Html | string | number;

/**
 * A table that on a phone shows each row as running text. Laid out so it would be no table to a
 * screen reader without the roles.
 */
export const table = (caption: string, heads: string[], rows: Cell[][]): Html => html`<table
  class="stacks" role="table">
  <caption class="out-of-sight">${caption}</caption>
  <thead role="rowgroup"><tr role="row">${heads.map(
    (head) => html`<th scope="col" role="columnheader">${head}</th>`,
  )}</tr></thead>
  <tbody role="rowgroup">${rows.map(
    (cells) =>
      html`<tr role="row">${cells.map(
        (cell, at) => html`<td role="cell" data-label="${heads[at]}"><div>${cell}</div></td>`,
      )}</tr>`,
  )}</tbody>
</table>`;
