import { html } from 'hono/html';
import { hasEnded, type Step } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { stepTime } from '../step-time.ts';
import { stepOfFailure } from './build-log.ts';
import type { Html } from './layout.ts';

/** The steps of the last attempt on one line of time, with what they took and found in caches. */
export function stepsTable(build: StoredBuild, now = Date.now()): Html | '' {
  const { steps } = build;
  if (steps.length === 0) return '';
  const stopped = build.finishedAt ? Date.parse(build.finishedAt) : now;
  const begun = Date.parse(steps[0]!.startedAt);
  const end = Math.max(...steps.map((step) => endOf(step, stopped)), begun + 1);
  const share = (at: number) => Number((((at - begun) / (end - begun)) * 100).toFixed(2));
  const failed = stepOfFailure(build);
  return html`<h2 id="steps-title">Steps</h2><table class="steps" aria-labelledby="steps-title">
    <thead><tr><th scope="col">Step</th><th scope="col">When</th><th scope="col">Time</th><th scope="col">From cache</th></tr></thead>
    <tbody>${steps.map((step) => {
      const from = share(Date.parse(step.startedAt));
      const wide = Math.max(share(endOf(step, stopped)) - from, 0.5);
      const isOpen = step.finishedAt === null;
      return html`<tr class="${step.name === failed ? 'failed' : isOpen && !hasEnded(build.state) ? 'going' : ''}">
        <th scope="row">${step.name}</th>
        <td><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect x="${Math.min(from, 99.5)}" y="0" width="${wide}" height="10"></rect></svg></td>
        <td>${stepTime(step, build)}</td>
        <td>${step.total === undefined ? '' : `${step.cached} of ${step.total}`}</td></tr>`;
    })}</tbody></table>`;
}

const endOf = ({ finishedAt }: Step, stopped: number): number =>
  finishedAt ? Date.parse(finishedAt) : stopped;
