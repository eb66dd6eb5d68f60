import { html } from 'hono/html';
import type { Cause } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { durationText, shortSha, sizeText } from '../../queue/text.ts';
import { visibleText } from '../browser/visible-text.ts';
import { moment, refText } from './build-cells.ts';
import { commitUrl, pullRequestUrl, refUrl } from './build-links.ts';
import { copyable } from './copyable.ts';
import type { Html } from './layout.ts';

/** What a build is of, who wanted it, how long it took and what came of it. */
export const factList = (build: StoredBuild): Html =>
  html`<dl>${facts(build)
    .filter(({ value }) => value !== null && value !== '')
    .map(({ name, value }) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

type Fact = { name: string; value: Html | string | null };

const facts = (build: StoredBuild): Fact[] => [
  { name: 'Commit', value: commit(build) },
  { name: 'Ref', value: ref(build) },
  { name: 'Cause', value: cause(build) },
  { name: 'Time', value: time(build) },
  {
    name: 'Attempt',
    value: build.attempt > 1 ? `${build.attempt}; the log has all of them` : null,
  },
  { name: 'Worker', value: visibleText(build.worker ?? '') },
  { name: 'Image', value: build.image === '' ? null : html`<code>${build.image}</code>` },
  { name: 'Tags', value: build.tags.length > 0 ? tags(build) : null },
  { name: 'Size', value: build.size === null ? null : sizeText(build.size) },
  { name: 'Digest', value: build.digest && html`<code>${build.digest}</code>` },
  { name: 'Pull', value: pullCommand(build) },
  { name: 'Reuses', value: build.reuses && link(build.reuses, 'the image of an equal build') },
];

function ref(build: StoredBuild): Html | null {
  if (build.ref === '') return null;
  const url = refUrl(build);
  return url ? html`<a href="${url}">${refText(build.ref)}</a>` : refText(build.ref);
}

function commit(build: StoredBuild): Html {
  const { sha, author } = build;
  const url = commitUrl(build);
  // The whole id is there to be copied; who reads needs its beginning only.
  const id = html`<span title="${sha}">${shortSha(sha)}</span>`;
  const shown = url ? html`<a href="${url}">${id}</a>` : id;
  return html`${copyable(sha, 'the whole commit id', shown)} by ${visibleText(author)}`;
}

/** What had it made, and who, if that is known. */
function cause(build: StoredBuild): Html | string | null {
  const what = whatCaused(build);
  const who = build.cause?.by;
  return what && who ? html`${what}, ${doings[build.cause?.kind ?? 'push']} ${who}` : what;
}

/** How somebody's login follows on the cause. */
const doings: Record<Cause['kind'], string> = {
  ...{ push: 'by', tag: 'by', 'pull request': 'by', hand: 'by', retry: 'by' },
  ...{ approval: 'allowed by', comment: 'in a comment by', check: 'from its check by' },
};

function whatCaused(build: StoredBuild): Html | string | null {
  const { retryOf, pullRequest, ref } = build;
  if (retryOf) return link(retryOf, 'Retry of an earlier build');
  if (pullRequest) {
    const text = `Pull request #${pullRequest.number}${pullRequest.isFork ? ' from a fork' : ''}`;
    const url = pullRequestUrl(build);
    return url ? html`<a href="${url}">${text}</a>` : text;
  }
  if (ref === '' || build.cause?.kind === 'hand') return 'Built by hand';
  if (build.cause?.kind === 'tag') return 'Push of a tag';
  if (build.cause?.kind === 'push') return build.forced ? 'Forced push' : 'Push';
  // What was planned again, and records of an older version.
  return build.forced ? 'Forced push' : build.follows ? 'Push' : null;
}

function time({ createdAt, queuedAt, startedAt, finishedAt }: StoredBuild): Html {
  const at = moment(createdAt, Date.now());
  if (!startedAt) return at;
  const waited = between(queuedAt < startedAt ? queuedAt : createdAt, startedAt);
  const took = finishedAt ? `, took ${between(startedAt, finishedAt)}` : '';
  return html`${at}, waited ${waited}${took}`;
}

const tags = ({ tags }: StoredBuild): Html =>
  html`${tags.map((tag, at) => html`${at > 0 ? ', ' : ''}<code>${tag}</code>`)}`;

const between = (start: string, end: string): string =>
  durationText(Math.max(0, Date.parse(end) - Date.parse(start)));

const pullCommand = ({ image, digest }: StoredBuild) =>
  digest && copyable(`docker pull ${image}@${digest}`, 'the command that pulls it');

const link = (id: string, text: string): Html => html`<a href="/builds/${id}">${text}</a>`;
