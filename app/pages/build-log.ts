import { html, raw } from 'hono/html';
import type { LogLine } from '../../queue/build.ts';
import { hasEnded } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { logRemoved } from '../../queue/text.ts';
import { kindOf, linesInChunk } from '../browser/log-shape.ts';
import { styledText } from '../browser/styled-text.ts';
import type { Html } from './layout.ts';

/** A line as the page shows it; `n` is null for a sentence that stands for lines left out. */
export type ShownLine = Pick<LogLine, 'step' | 'stream' | 'text'> & { n: number | null };

/** Some lines of a log; `first` and `last` are the numbers that they are from and to. */
export type LogPart = { lines: ShownLine[]; first: number; last: number };

/** The log with what can be done to it; the page's script fetches what is not in the part. */
export function logSection(build: StoredBuild, part: LogPart): Html | '' {
  const { id, lines, failure } = build;
  // What could not be planned was never begun.
  if (failure?.step === 'plan') return '';
  const failedStep = stepOfFailure(build);
  return html`<div class="tools"><h2 id="log-title">Log</h2>
      <span class="state ${build.state}" data-state>${build.state}</span>
      ${hasEnded(build.state) ? '' : html`<span id="doing"></span><span id="ended" role="status"></span>`}
      <a href="#top">To the top</a>
      ${tools(build)}
    </div>
    ${build.logRemovedAt ? html`<p class="nothing">${logRemoved(build.logRemovedAt)}</p>` : ''}
    ${part.first > 1 ? html`<p><a href="?line=${Math.max(1, part.first - linesInPart)}">Earlier lines</a></p>` : ''}
    <div id="log" role="region" aria-labelledby="log-title" data-build="${id}" data-first="${part.first}"
      data-last="${part.last}" data-failed-step="${failedStep ?? ''}" data-has-ended="${hasEnded(build.state) ? 'yes' : ''}">${sections(part.lines, failedStep, part.last >= lines)}</div>
    ${
      build.logRemovedAt === null && part.last < lines
        ? html`<p id="more"><a href="?line=${part.last + 1}">Lines ${part.last + 1} to ${lines}</a></p>`
        : ''
    }
    <span id="log-end"></span>
    <script src="/assets/build-page.js" type="module"></script>`;
}

/** So many lines are in a page at most; the script fetches the rest of them. */
export const linesInPart = 1_000;

/** About so much text is in a page at most, in characters. */
export const charactersInPart = 500_000;

/** So many lines before the end of a long log are shown with the end itself where no script is. */
const beforeEnd = 200;

/** Where a build's log tells why it failed: on its page, or on that with the end of a long log. */
export const failureAddress = ({ lines, logBytes }: StoredBuild): string =>
  lines <= linesInPart && logBytes <= charactersInPart
    ? '#failure'
    : `?line=${Math.max(1, lines - beforeEnd)}#failure`;

/** The step that a build failed in and that shows why, if it has one. */
export const stepOfFailure = ({ state, failure, step }: StoredBuild) => {
  if (state !== 'failed' && state !== 'errored') return null;
  return failure?.step === 'plan' ? null : (failure?.step ?? step);
};

const tools = ({ id, state }: StoredBuild) => html`
  <form role="search" id="search" hidden>
    <label for="search-text">Search</label>
    <input id="search-text" type="search" autocomplete="off" spellcheck="false" placeholder="text or #line" aria-keyshortcuts="/">
    <output id="search-count" for="search-text" aria-live="polite"></output>
  </form>
  ${hasEnded(state) ? '' : html`<button type="button" id="follow" aria-pressed="false" hidden>Follow</button>`}
  <a href="/api/builds/${id}/log">Raw</a>
  <a href="/api/builds/${id}/log?download=1">Download</a>`;

/** Each run of lines of one step can be folded; of a failed build only the last failed step is open. */
function sections(lines: ShownLine[], failedStep: string | null, isEnd: boolean): Html[] {
  const starts = lines.flatMap(({ step }, index) =>
    index === 0 || lines[index - 1]!.step !== step ? [index] : [],
  );
  const lastFailed = starts.findLast((start) => lines[start]!.step === failedStep);
  const told = lastFailed === undefined ? null : tellingLine(lines, starts, lastFailed, isEnd);
  return starts.map((start, index) => {
    const { step } = lines[start]!;
    const isOpen = lastFailed === undefined || start === lastFailed;
    const inside = lines.slice(start, starts[index + 1]);
    return html`<details data-step="${step}"${isOpen ? raw(' open') : ''}><summary>${step}</summary>${chunks(inside, told)}</details>`;
  });
}

/** The line that tells why the step failed, if it is among these: BuildKit's, or the step's last. */
function tellingLine(
  lines: ShownLine[],
  starts: number[],
  start: number,
  isEnd: boolean,
): ShownLine | null {
  const next = starts[starts.indexOf(start) + 1];
  const inside = lines.slice(start, next);
  const error = inside.findLast((line) => kindOf(line) === 'error');
  const isWhole = next !== undefined || isEnd;
  return error ?? (isWhole ? (inside.at(-1) ?? null) : null);
}

const chunks = (lines: ShownLine[], told: ShownLine | null): Html[] =>
  Array.from({ length: Math.ceil(lines.length / linesInChunk) }, (_, index) => {
    const inside = lines.slice(index * linesInChunk, (index + 1) * linesInChunk);
    const isFull = inside.length === linesInChunk;
    return html`<div class="${isFull ? 'chunk full' : 'chunk'}">${inside.map((one) => line(one, one === told))}</div>`;
  });

// The number's link has no text of its own, so that whoever copies lines copies no numbers.
const line = ({ n, stream, text }: ShownLine, isTold: boolean): Html =>
  n === null
    ? html`<div class="line gap">${spans(text)}${'\n'}</div>`
    : html`<div class="line ${kindOf({ n, stream, text })}" id="L${n}"><a href="#L${n}" data-n="${n}" aria-label="Line ${n}" tabindex="-1"></a>${isTold ? raw('<span id="failure"></span>') : ''}${spans(text)}${'\n'}</div>`;

const spans = (text: string) =>
  styledText(text).map((span) =>
    span.classes === '' ? span.text : html`<span class="${span.classes}">${span.text}</span>`,
  );
