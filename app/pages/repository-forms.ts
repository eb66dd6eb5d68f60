import { html } from 'hono/html';
import { states } from '../../queue/build.ts';
import type { BuildQuery } from '../routes/query.ts';
import type { Html } from './layout.ts';

/** Builds what one likes of a repository, for who may write to it. */
export const buildForm = (repository: string): Html => html`<form method="post"
  action="/${repository}/builds" class="fields">
  <label>Branch, tag or commit
    <input name="ref" required maxlength="1024" autocomplete="off" autocapitalize="none"
      spellcheck="false"></label>
  <button>Build</button>
</form>`;

/** Narrows a list of builds; what is chosen now is filled in. */
export const filterForm = (
  path: string,
  { ref, state, name, q, sha }: BuildQuery,
  rules: string[],
): Html => html`<form method="get" action="${path}" role="search" class="fields filter">
  <label>Text <input type="search" name="q" value="${q ?? ''}" maxlength="200"
    placeholder="message, author, ref, commit"></label>
  <label>Branch or tag <input name="ref" value="${ref ?? ''}" maxlength="1024" autocomplete="off"
    autocapitalize="none" spellcheck="false"></label>
  <label>State <select name="state"><option value="">any</option>${states.map((each) =>
    option(each, state),
  )}</select></label>
  ${rules.length > 1 ? html`<label>Rule <select name="name"><option value="">any</option>${rules.map((each) => option(each, name))}</select></label>` : ''}
  <button>Filter</button>
  ${ref || state || name || q || sha ? html`<a href="${path}">Show all</a>` : ''}
</form>`;

const option = (value: string, chosen: string | undefined): Html =>
  html`<option ${value === chosen ? 'selected' : ''}>${value}</option>`;
