import { html } from 'hono/html';
import type { StoredBuild } from '../../queue/build-store.ts';
import { durationText, roundedDuration, shortSha } from '../../queue/text.ts';
import { visibleText } from '../browser/visible-text.ts';
import type { Difference } from '../log/compare-builds.ts';
import type { WhySlow } from '../log/why-slow.ts';
import type { Caller } from '../routes/caller.ts';
import { nameOf } from './build-page.ts';
import { type Html, layout } from './layout.ts';

/** Why a build took so long; the build's page shows the part called `comparison`. */
export function slowPage(caller: Caller, build: StoredBuild, why: WhySlow): Html {
  const trail = [
    { text: build.repo, href: `/${build.repo}` },
    { text: nameOf(build), href: `/builds/${build.id}` },
    { text: 'Time' },
  ];
  return layout(
    { title: `Time of ${build.repo} ${shortSha(build.sha)}`, trail, caller },
    html`<h1>Where the time went</h1>
      ${comparisonSection(why)}`,
  );
}

const comparisonSection = ({ before, comparison }: WhySlow): Html => {
  const { firstMiss, steps, instructions } = comparison;
  const hasBefore = before !== null;
  return html`<div id="comparison">
    <p>${before ? html`Beside <a href="/builds/${before.id}">${shortSha(before.sha)}</a>, the last success before it of the same rule and ref.` : 'There is no earlier success of the same rule and ref to compare with.'}</p>
    ${firstMiss ? html`<p>The first instruction that missed the cache: <code>${visibleText(cut(firstMiss))}</code>. It, what it copies or something above it changed; what follows it in its stage had to run as well.</p>` : ''}
    ${table('Time of each step', steps, hasBefore)}
    ${instructions.length > 0 ? table('Instructions that took longest', instructions, hasBefore) : ''}
  </div>`;
};

const table = (
  title: string,
  rows: Difference[],
  hasBefore: boolean,
): Html => html`<h2>${title}</h2>
  <table><thead><tr><th scope="col">What</th><th scope="col">Time</th>${hasBefore ? html`<th scope="col">Before</th><th scope="col">Difference</th>` : ''}</tr></thead>
  <tbody>${rows.map(
    (row) =>
      html`<tr><td>${visibleText(cut(row.name))}</td><td>${timeOf(row)}</td>${
        hasBefore
          ? html`<td>${row.before === null ? '' : durationText(row.before)}</td><td>${difference(row)}</td>`
          : ''
      }</tr>`,
  )}</tbody></table>`;

const timeOf = ({ now, cache }: Difference): string => {
  if (cache === 'hit') return 'from cache';
  const time = now === null ? 'not finished' : durationText(now);
  return cache === 'missed' ? `${time}, missed the cache` : time;
};

function difference({ now, before, cache }: Difference): string {
  if (now === null || (before === null && cache !== 'missed')) return '';
  // What is shown adds up: the difference is that of the times as they are written beside it.
  const more = roundedDuration(now) - roundedDuration(before ?? 0);
  const text = durationText(Math.abs(more));
  if (text === durationText(0)) return text;
  return `${more < 0 ? '−' : '+'}${text}`;
}

const cut = (name: string): string => (name.length > 200 ? `${name.slice(0, 200)}…` : name);
