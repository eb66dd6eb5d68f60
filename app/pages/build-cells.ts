import { html } from 'hono/html';
import type { Build } from '../../queue/build.ts';
import { durationText, refName, shortSha } from '../../queue/text.ts';
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
  html`<span class="ref">${visibleText(refName(ref)) || 'no branch or tag'}</span>`;

/** Its commit and the first line of the commit's message. */
export const commitCell = ({ sha, message }: Pick<Build, 'sha' | 'message'>): Html =>
  html`<code>${shortSha(sha)}</code> <span class="message">${visibleText(message)}</span>`;

/** A moment as people say it, with the exact one behind it; takes ISO 8601. */
export const moment = (iso: string, now: number): Html =>
  html`<time datetime="${iso}" title="${iso.replace('T', ' ').slice(0, 19)} UTC">${agoText(
    now - Date.parse(iso),
  )}</time>`;

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

function agoText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 60 / 24)} days ago`;
}
