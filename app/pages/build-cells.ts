import { html } from 'hono/html';
import type { Build } from '../../queue/build.ts';
import { durationText, refName, shortSha } from '../../queue/text.ts';
import { agoText } from '../browser/ago-text.ts';
import { visibleText } from '../browser/visible-text.ts';
import type { Html } from './layout.ts';

/** Its repository and rule, which lead to its page, and its ref. */
export const buildCell = ({ id, repo, name, ref }: Build): Html =>
  html`<a href="/builds/${id}">${repo}${name ? ` / ${name}` : ''}</a> ${refText(ref)}`;

/** Its state, which leads to its page. */
export const stateCell = ({ id, state }: Pick<Build, 'id' | 'state'>): Html =>
  html`<a class="state ${state}" href="/builds/${id}">${state}</a>`;

/** A branch's or tag's name; a commit that was built by its id alone has none. */
export const refText = (ref: string): Html =>
  ref === ''
    ? html`<span class="muted">no branch or tag</span>`
    : html`<span class="ref">${visibleText(refName(ref))}</span>`;

/** Its commit and the first line of the commit's message. */
export const commitCell = ({ sha, message }: Pick<Build, 'sha' | 'message'>): Html =>
  html`<code class="sha">${shortSha(sha)}</code> <span class="message">${visibleText(message)}</span>`;

/** A moment as people say it, with the exact one behind it; takes ISO 8601. */
export const moment = (iso: string, now: number): Html =>
  html`<time datetime="${iso}" title="${iso.replace('T', ' ').slice(0, 19)} UTC">${agoText(iso, now)}</time>`;

/** How long a build waited for the attempt that began last, in milliseconds; so far if it waits. */
export const waited = ({ state, queuedAt, startedAt, finishedAt }: Build, now: number): number => {
  const until = state === 'queued' ? null : (startedAt ?? finishedAt);
  return Math.max(0, (until ? Date.parse(until) : now) - Date.parse(queuedAt));
};

/** How long a build's last attempt took, in milliseconds, so far if it runs; null if none runs or ran. */
export const took = ({ state, startedAt, finishedAt }: Build, now: number): number | null =>
  startedAt && state !== 'queued'
    ? Math.max(0, (finishedAt ? Date.parse(finishedAt) : now) - Date.parse(startedAt))
    : null;

/** A span of time in a cell; takes milliseconds. */
export const spanText = (milliseconds: number | null): string =>
  milliseconds === null ? '–' : durationText(milliseconds);
