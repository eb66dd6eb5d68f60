import { html } from 'hono/html';
import type { BuildState } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { durationText, refName, shortSha } from '../../queue/text.ts';
import { visibleText } from '../browser/visible-text.ts';
import { spanText, took, waited } from './build-cells.ts';
import type { Html } from './layout.ts';

/** In units of the drawing, which is as wide as the page: fifty bars, and marks above them. */
const drawing = { slots: 50, slot: 16, bar: 11, marks: 16, height: 72 };

/** Bars longer than so many times the middle one are cut, or one long wait would flatten the rest. */
const longest = 4;

/**
 * How long each of these builds waited and took, the newest at the right, as bars that lead to
 * them; given newest first. It is no image to a screen reader, since its bars are links; the table
 * of the same builds says the same in words.
 */
export function buildChart(builds: StoredBuild[], now: number): Html {
  const all = builds.map((build) => ({
    build,
    queue: waited(build, now),
    run: took(build, now),
  }));
  const sums = all.map(({ queue, run }) => queue + (run ?? 0)).sort((one, other) => one - other);
  const middle = sums[Math.floor(sums.length / 2)] ?? 0;
  const top = Math.max(1, Math.min(sums.at(-1) ?? 0, middle * longest));
  const width = drawing.slots * drawing.slot;
  const bottom = drawing.marks + drawing.height;
  const bars = all.map(({ build, queue, run }, at) => {
    const x = width - (at + 1) * drawing.slot;
    const low = Math.min(queue, top);
    const whole = queue + (run ?? 0);
    const high = Math.min(whole, top);
    const heights = [low, high - low].map((span) => (span / top) * drawing.height);
    const [wait = 0, work = 0] = heights.map((height) => Math.round(height * 10) / 10);
    const size = html`x="${x}" width="${drawing.bar}"`;
    return html`<a href="/builds/${build.id}" tabindex="-1" class="${build.state}">
      <title>${titleOf(build, queue, run)}</title>
      <rect class="hit" ${size} y="0" height="${bottom}"/>
      <rect class="wait" ${size} y="${bottom - wait}" height="${wait}"/>
      ${run === null ? '' : html`<rect class="work" ${size} y="${bottom - wait - work}" height="${Math.max(work, 1)}"/>`}
      ${whole > top ? html`<rect class="cut" ${size} y="${drawing.marks + 6}" height="3"/>` : ''}
      ${marks[build.state]?.(x + drawing.bar / 2, drawing.marks / 2) ?? ''}</a>`;
  });
  const isCut = (sums.at(-1) ?? 0) > top;
  return html`<figure class="chart">
    <div><svg viewBox="0 0 ${width} ${bottom}" role="group"
      aria-label="Time that builds waited and took; the table below has the same numbers">${bars}</svg></div>
    <figcaption><span class="wait">■</span> waited, <span class="succeeded">■</span> took;
      <span class="failed">×</span> failed, <span class="errored">▲</span> errored,
      <span class="cancelled">○</span> cancelled. The highest bar is ${durationText(top)}${
        isCut ? ': longer ones are cut' : ''
      }. Newest at the right.</figcaption>
  </figure>`;
}

const titleOf = (
  { name, ref, sha, state }: StoredBuild,
  queue: number,
  run: number | null,
): string =>
  `${name} ${visibleText(refName(ref))} ${shortSha(sha)}: ${state}, waited ${spanText(queue)}, took ${spanText(run)}`;

/** What stands above a bar that did not succeed, by shape, since not everybody sees the colours. */
const marks: { [state in BuildState]?: (x: number, y: number) => Html } = {
  failed: (x, y) =>
    html`<path class="mark" d="M${x - 4} ${y - 4}l8 8m0-8l-8 8" stroke-width="2.5" fill="none"/>`,
  errored: (x, y) => html`<path class="mark filled" d="M${x} ${y - 5}l5 9h-10z"/>`,
  cancelled: (x, y) =>
    html`<circle class="mark" cx="${x}" cy="${y}" r="4" stroke-width="2" fill="none"/>`,
};
