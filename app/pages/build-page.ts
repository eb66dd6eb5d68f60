import { html, raw } from 'hono/html';
import { hasEnded, type Step } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { durationText, logRemoved, refName, shortSha } from '../../queue/text.ts';
import { visibleText } from '../browser/visible-text.ts';
import type { Caller } from '../routes/caller.ts';
import { layout } from './layout.ts';

/** The beginning of a log, line by line, and the number of its last one. */
export type Beginning = { texts: string[]; last: number };

/** One build with the beginning of its log; the page's script follows the rest. */
export function buildPage(caller: Caller, build: StoredBuild, { texts, last }: Beginning) {
  const title = `${build.repo} ${shortSha(build.sha)}`;
  // A line break right after <pre> is not part of it, so that an empty first line needs one before.
  const log = texts.map((text) => `${visibleText(text)}\n`);
  const head = hasEnded(build.state)
    ? ''
    : html`<noscript>${raw('<meta http-equiv="refresh" content="5">')}</noscript>`;
  return layout(
    { title, caller, head },
    html`<h1>${build.repo} / ${build.name}</h1>
      <p role="status"><span id="state" class="state ${build.state}">${build.state}</span>
        <span id="reason">${visibleText(build.reason ?? '')}</span></p>
      <div id="facts" data-shows="${build.state} ${build.step ?? ''} ${build.attempt}">
      ${facts(build)}
      ${steps(build.steps)}
      </div>
      <h2>Log <small><a href="/api/builds/${build.id}/log">as text</a></small></h2>
      ${build.logRemovedAt ? html`<p>${logRemoved(build.logRemovedAt)}</p>` : ''}
      <pre id="log" data-build="${build.id}" data-last="${last}">${'\n'}${log}</pre>
      ${hasEnded(build.state) && (build.logRemovedAt || last >= build.lines) ? '' : html`<script src="/assets/live-log.js" type="module"></script>`}`,
  );
}

const facts = (build: StoredBuild) => html`<dl>
  <dt>Commit</dt><dd><code>${build.sha}</code> ${visibleText(build.message)}, by ${visibleText(build.author)}</dd>
  <dt>Ref</dt><dd>${visibleText(refName(build.ref))}</dd>
  <dt>Image</dt><dd><code>${build.image}</code></dd>
  <dt>Tags</dt><dd>${build.tags.join(', ')}</dd>
  ${build.digest ? html`<dt>Digest</dt><dd><code>${build.digest}</code></dd>` : ''}
</dl>`;

const steps = (all: Step[]) =>
  all.length === 0
    ? ''
    : html`<table><thead><tr><th>Step</th><th>Time</th></tr></thead><tbody>${all.map(
        ({ name, startedAt, finishedAt }) =>
          html`<tr><td>${name}</td><td>${
            finishedAt
              ? durationText(Date.parse(finishedAt) - Date.parse(startedAt))
              : 'not finished'
          }</td></tr>`,
      )}</tbody></table>`;
