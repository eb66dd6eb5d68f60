import { html, raw } from 'hono/html';
import { hasEnded } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { visibleText } from '../browser/visible-text.ts';
import type { Overview } from '../repository/overview.ts';
import type { Caller } from '../routes/caller.ts';
import { type BuildQuery, cursorAt } from '../routes/query.ts';
import { commitCell, moment, refText, spanText, stateCell, took, waited } from './build-cells.ts';
import { buildChart } from './build-chart.ts';
import { copyable } from './copyable.ts';
import { imagesTable } from './images-table.ts';
import { type Html, layout } from './layout.ts';
import { buildForm, filterForm } from './repository-forms.ts';
import { table } from './table.ts';

/** Who looks at a repository, and what was asked for. */
export type Visit = {
  caller: Caller;
  query: BuildQuery;
  mayBuild: boolean;
  publicUrl: string;
  now: number;
};

/** A repository: its builds with a chart, its images, its badge, and a form for who may write. */
export function repositoryPage(overview: Overview, visit: Visit) {
  const { repository, builds, rules, images } = overview;
  const { caller, query, mayBuild, publicUrl, now } = visit;
  const { fullName } = repository;
  const path = `/${fullName}`;
  const isBusy = builds.some(({ state }) => !hasEnded(state));
  const head = isBusy
    ? html`<noscript>${raw('<meta http-equiv="refresh" content="15">')}</noscript>`
    : '';
  return layout(
    { title: fullName, trail: [{ text: fullName }], caller, head },
    html`<div class="top"><div><h1>${fullName}</h1>
      ${about(overview, mayBuild)}</div>
      ${mayBuild ? buildForm(fullName) : ''}</div>
      <p id="staleness" role="alert" hidden></p>
      <h2>Builds</h2>
      ${filterForm(path, query, rules)}
      <div id="builds" data-live data-every="${isBusy ? 5 : 30}">
        ${builds.length > 0 ? buildChart(builds, now) : ''}
        ${builds.length > 0 ? buildsTable(builds, now) : nothing(query)}
        ${paging(path, overview, query)}
      </div>
      <h2>Images</h2>
      <div id="images" data-live>
        ${images.length > 0 ? imagesTable(images, now) : html`<p class="nothing">No image yet: the first build that succeeds makes one.</p>`}
        ${overview.hasMoreImages ? html`<p><a href="/api/repos/${fullName}/images">All images</a>, for programs</p>` : ''}
      </div>
      <h2>Badge</h2>
      <p>${copyable(`[![Slipway](${publicUrl}/badge/${fullName}.svg)](${publicUrl}/${fullName})`, 'the badge')}</p>
      <script src="/assets/refresh.js" type="module"></script>
      <script src="/assets/copy.js" type="module"></script>`,
  );
}

function about({ repository }: Overview, mayWrite: boolean): Html {
  const { fullName, description, htmlUrl, defaultBranch } = repository;
  return html`${description ? html`<p>${visibleText(description)}</p>` : ''}
    <p class="muted">${repository.private ? 'Private' : 'Public'}, default branch ${refText(defaultBranch)}
    ${URL.canParse(htmlUrl) ? html` · <a href="${htmlUrl}">On ${new URL(htmlUrl).host}</a>` : ''}
    ${mayWrite ? html` · <a href="/${fullName}/notifications">Notifications</a>` : ''}</p>`;
}

const nothing = ({ ref, state, name, q, sha, cursor }: BuildQuery): Html =>
  ref || state || name || q || sha || cursor
    ? html`<p class="nothing">No build is like that.</p>`
    : html`<p class="nothing">No builds yet: push a commit with a Dockerfile at its root.</p>`;

const buildsTable = (builds: StoredBuild[], now: number): Html =>
  table(
    'Builds',
    ['State', 'Rule', 'Ref', 'Commit', 'Author', 'Waited', 'Took', 'When'],
    builds.map((build) => [
      stateCell(build),
      build.name,
      refText(build.ref),
      commitCell(build),
      visibleText(build.author),
      spanText(waited(build, now)),
      spanText(took(build, now)),
      moment(build.createdAt, now),
    ]),
  );

/** Links to the pages on either side, which keep what is filtered by. */
function paging(path: string, { newer, older }: Overview, query: BuildQuery): Html {
  const link = (seq: number | 'first', text: string): Html => {
    const { limit: _, cursor: __, ...filter } = query;
    const search = new URLSearchParams(filter as Record<string, string>);
    search.delete('repo');
    if (seq !== 'first') search.set('cursor', cursorAt(seq) ?? '');
    return html`<a href="${path}?${search.toString()}">${text}</a>`;
  };
  if (newer === null && older === null) return html``;
  return html`<nav aria-label="Pages of builds"><p>
    ${newer === null ? '' : link(newer, 'Newer builds')}
    ${older === null ? '' : link(older, 'Older builds')}</p></nav>`;
}
