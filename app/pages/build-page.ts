import { html, raw } from 'hono/html';
import { hasEnded } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { shortSha } from '../../queue/text.ts';
import { buildTitle } from '../browser/build-title.ts';
import { visibleText } from '../browser/visible-text.ts';
import type { Excerpt } from '../log/dockerfile-excerpt.ts';
import type { Caller } from '../routes/caller.ts';
import { buildActions } from './build-actions.ts';
import { factList } from './build-facts.ts';
import { failureSection } from './build-failure.ts';
import { type LogPart, logSection } from './build-log.ts';
import { stepsTable } from './build-steps.ts';
import { stateIconPath } from './icon.ts';
import { type Html, layout } from './layout.ts';

/** What its page shows of a build beside its log. */
export type Shown = { build: StoredBuild; excerpt: Excerpt | null; mayWrite: boolean };

/** One build with a part of its log; the page's script follows the rest. */
export function buildPage(caller: Caller, shown: Shown, part: LogPart): Html {
  const { build } = shown;
  const head = hasEnded(build.state)
    ? ''
    : html`<noscript>${raw('<meta http-equiv="refresh" content="5">')}</noscript>`;
  return layout(
    {
      ...{ title: buildTitle(build), caller, head, icon: stateIconPath(build.state) },
      trail: [{ text: build.repo, href: `/${build.repo}` }, { text: nameOf(build) }],
    },
    html`<h1>${visibleText(build.message) || `Commit ${shortSha(build.sha)}`}</h1>
      <p role="status" class="verdict"><span id="state" data-state class="state ${build.state}">${build.state}</span>
        <span id="reason">${visibleText(build.reason ?? '')}</span></p>
      ${buildFacts(shown)}
      ${logSection(build, part)}
      <script src="/assets/copy.js" type="module"></script>`,
  );
}

/** A build's name below its repository's. */
export const nameOf = ({ name, sha }: StoredBuild): string =>
  `${name || 'rules file'} ${shortSha(sha)}`;

/** What the page's script asks for anew whenever the record has changed. */
export const buildFacts = ({ build, excerpt, mayWrite }: Shown): Html => html`
  <div id="facts" data-shows="${shows(build)}">
    ${failureSection(build, excerpt)}
    ${mayWrite ? buildActions(build) : ''}
    <div class="overview">${factList(build)}<div>${stepsTable(build)}
    ${hasEnded(build.state) && build.steps.length > 0 ? slow(build.id) : ''}</div></div>
  </div>`;

/** The script compares it with the record's own, see app/browser/show-record.ts. */
const shows = ({ state, step, attempt }: StoredBuild): string =>
  `${state} ${step ?? ''} ${attempt}`;

const slow = (id: string): Html => html`<details id="slow" data-from="/builds/${id}/slow">
  <summary>Why did it take so long?</summary>
  <p><a href="/builds/${id}/slow">Compare with the build before</a></p></details>`;
