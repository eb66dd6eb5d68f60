import { html, raw } from 'hono/html';
import type { StoredBuild } from '../../queue/build-store.ts';
import { durationText } from '../../queue/text.ts';
import type { WorkerPresence } from '../../queue/workers.ts';
import type { Doings, Home, Running, Waiting } from '../home/home.ts';
import type { Caller } from '../routes/caller.ts';
import {
  buildCell,
  commitCell,
  moment,
  refText,
  spanText,
  stateCell,
  took,
  waited,
} from './build-cells.ts';
import { type Html, layout } from './layout.ts';
import { table } from './table.ts';
import { workersTable } from './workers-table.ts';

/** Who looks at the first page, and what it is to say to somebody who has no builds yet. */
export type Reader = {
  caller: Caller;
  isInsider: boolean;
  /** Whether GitHub does not answer what is theirs. */
  isAway: boolean;
  setUpPath: string | null;
  origin: string;
};

/** What asks for the page again where no script does. */
const unscripted = html`<noscript>${raw('<meta http-equiv="refresh" content="15">')}</noscript>`;

/** Seconds after which the page is asked for again. */
const every = { busy: 3, idle: 15 };

/** The first page: what runs, what waits and why, the repositories, and the workers for insiders. */
export function homePage(
  home: Home,
  { caller, isInsider, isAway, setUpPath, origin }: Reader,
  now: number,
) {
  const { mine, others, workers } = home;
  const isBusy = [mine, others].some((part) => part.running.length + part.waiting.length > 0);
  const whose = setUpPath ? '' : caller.token === null ? 'public' : 'of yours';
  const show = { isInsider, now };
  const head = isBusy ? unscripted : '';
  return layout(
    { title: 'Builds', caller, head },
    html`<h1>Builds</h1>
      <p id="summary" role="status" class="muted" data-live>${summary(mine, whose)}${others.latest.length > 0 ? ` ${summary(others, 'public')}` : ''}</p>
      <p id="staleness" role="alert" hidden></p>
      ${setUpPath && isInsider ? html`<p>No GitHub App yet: <a href="${setUpPath}">set up GitHub</a>.</p>` : ''}
      <div id="builds" data-live data-every="${isBusy ? every.busy : every.idle}">
        ${isAway ? html`<p>GitHub does not answer at the moment: shown is only what everybody may see.</p>` : ''}
        ${doings(mine, '', show)}
        ${isAway || mine.latest.length > 0 ? '' : html`<h2>Repositories</h2>${beginning(setUpPath, origin, caller)}`}
        ${doings(others, 'Public: ', show)}
        ${workers ? workersPart(workers) : ''}
      </div>
      <script src="/assets/refresh.js" type="module"></script>`,
  );
}

const workersPart = (workers: WorkerPresence[]): Html => html`<h2>Workers</h2>
  ${workersTable(workers)}
  <p><a href="/setup/checks">Check the service</a></p>`;

/** What some repositories do, each kind under a heading that begins as given. */
const doings = (
  { running, waiting, latest, isCut }: Doings,
  begin: 'Public: ' | '',
  { isInsider, now }: { isInsider: boolean; now: number },
): Html => html`
  ${running.length > 0 ? html`<h2>${titled(begin, 'Running')}</h2>${runningTable(running, `${begin}Builds that run`, isInsider, now)}` : ''}
  ${waiting.length > 0 ? html`<h2>${titled(begin, 'Waiting')}</h2>${waitingTable(waiting, `${begin}Builds that wait`, now)}` : ''}
  ${latest.length > 0 ? html`<h2>${titled(begin, 'Repositories')}</h2>${repositoriesTable(latest, `${begin}Repositories with their last build`, now)}` : ''}
  ${isCut ? html`<p class="muted">Listed are those that were built last; every other has its page too.</p>` : ''}`;

const titled = (begin: string, title: string): string =>
  begin === '' ? title : `${begin}${title.toLowerCase()}`;

/** How many builds run and wait, and whose they are. */
function summary({ running, waiting }: Doings, whose: 'public' | 'of yours' | ''): string {
  const [runs, waits] = [running.length, waiting.length];
  const builds = (noun: string): string =>
    whose === 'public' ? `public ${noun}` : `${noun} ${whose}`.trim();
  if (runs + waits === 0) {
    return whose === ''
      ? 'Nothing runs and nothing waits.'
      : `No ${builds('build')} runs or waits.`;
  }
  return `${runs === 1 ? `1 ${builds('build')} runs` : `${runs} ${builds('builds')} run`}, ${waits === 1 ? '1 waits' : `${waits} wait`}.`;
}

const runningTable = (all: Running[], caption: string, isInsider: boolean, now: number): Html =>
  table(
    caption,
    ['Build', 'Commit', 'Step', 'Progress', ...(isInsider ? ['Worker'] : [])],
    all.map(({ build, expected }) => [
      buildCell(build),
      commitCell(build),
      build.step ?? 'beginning',
      progress(took(build, now) ?? 0, expected),
      ...(isInsider ? [build.worker ?? ''] : []),
    ]),
  );

/** The last success is the measure; a build that takes longer has no known end. */
function progress(sofar: number, expected: number | null): Html {
  const text =
    expected === null
      ? `${durationText(sofar)} so far`
      : `${durationText(sofar)}, the last took ${durationText(expected)}`;
  const bar =
    expected !== null && sofar < expected
      ? html`<progress aria-label="${text}" max="${expected}" value="${sofar}"></progress>`
      : html`<progress aria-label="${text}"></progress>`;
  return html`<span>${text}</span> ${bar}`;
}

/** So many that wait are listed; what comes after them is no use to know one by one. */
const mostWaiting = 50;

const waitingTable = (all: Waiting[], caption: string, now: number): Html =>
  html`${table(
    caption,
    ['Build', 'Commit', 'Why', 'For'],
    all
      .slice(0, mostWaiting)
      .map(({ build, why }) => [
        buildCell(build),
        commitCell(build),
        why,
        spanText(waited(build, now)),
      ]),
  )}${all.length > mostWaiting ? html`<p>… and ${all.length - mostWaiting} more at least.</p>` : ''}`;

const repositoriesTable = (latest: StoredBuild[], caption: string, now: number): Html =>
  table(
    caption,
    ['Repository', 'Last build', 'Ref', 'Commit', 'Took', 'When'],
    latest.map((build) => [
      html`<a href="/${build.repo}">${build.repo}</a>`,
      stateCell(build),
      refText(build.ref),
      commitCell(build),
      spanText(took(build, now)),
      moment(build.finishedAt ?? build.createdAt, now),
    ]),
  );

function beginning(setUpPath: string | null, origin: string, { canSignIn, token }: Caller): Html {
  if (setUpPath) {
    return html`<p>No builds yet. Push a repository that has a Dockerfile, from its folder, under any name:</p>
      <pre>git push ${origin}/git/&lt;owner&gt;/&lt;repo&gt;.git HEAD:main</pre>`;
  }
  if (canSignIn && token === null) {
    return html`<p class="nothing">No builds that everybody may see. <a href="/sign-in">Sign in</a> to see those of
      your repositories.</p>`;
  }
  return html`<p class="nothing">No builds yet that you may see. Install the GitHub App on a repository with a
    Dockerfile at its root, and push a commit.</p>`;
}
