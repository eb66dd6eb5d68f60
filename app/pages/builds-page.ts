import { html } from 'hono/html';
import type { BuildPage } from '../../queue/build-list.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { refName, shortSha } from '../../queue/text.ts';
import { visibleText } from '../browser/visible-text.ts';
import type { Caller } from '../routes/caller.ts';
import { cursorAt } from '../routes/query.ts';
import { layout } from './layout.ts';

/**
 * The list of builds, newest first; `query` is kept in the link to older ones. `setUpPath` leads to
 * the page that registers a GitHub App, where there is none. With `mayBuild` the title is a
 * repository's name, and a form builds what one likes of it.
 */
export function buildsPage(
  caller: Caller,
  title: string,
  { builds, next }: BuildPage,
  query: string,
  { setUpPath, mayBuild }: { setUpPath: string | null; mayBuild: boolean },
) {
  const older = new URLSearchParams(query);
  if (next !== null) older.set('cursor', cursorAt(next) ?? '');
  return layout(
    { title, caller },
    html`<h1>${title}</h1>
      ${setUpPath ? html`<p>No GitHub App yet: <a href="${setUpPath}">set up GitHub</a>.</p>` : ''}
      ${mayBuild ? form(title) : ''}
      ${builds.length === 0 ? html`<p>No builds yet: push a commit with a Dockerfile at its root.</p>` : table(builds)}
      ${next === null ? '' : html`<p><a href="?${older.toString()}">Older builds</a></p>`}`,
  );
}

const form = (repository: string) => html`<form method="post" action="/${repository}/builds">
  <p><label>Branch, tag or commit
    <input name="ref" required maxlength="1024" autocomplete="off" autocapitalize="none"
      spellcheck="false"></label>
  <button>Build</button></p>
</form>`;

const table = (builds: StoredBuild[]) => html`<table>
  <thead><tr><th>State</th><th>Build</th><th>Commit</th><th>When</th></tr></thead>
  <tbody>${builds.map(row)}</tbody>
</table>`;

const row = (build: StoredBuild) => html`<tr>
  <td class="state ${build.state}">${build.state}</td>
  <td><a href="/builds/${build.id}">${build.repo} / ${build.name}</a><br>${visibleText(refName(build.ref))}</td>
  <td><code>${shortSha(build.sha)}</code> ${visibleText(build.message)}</td>
  <td><time datetime="${build.createdAt}">${build.createdAt.replace('T', ' ').slice(0, 19)} UTC</time></td>
</tr>`;
