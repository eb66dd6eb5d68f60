import { randomUUID } from 'node:crypto';
import { html } from 'hono/html';
import { hasEnded } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import type { Html } from './layout.ts';

/** What somebody who may write can do with a build, as forms that need no script. */
export const buildActions = (build: StoredBuild): Html =>
  hasEnded(build.state) ? again(build) : cancel(build);

/** The key is new with every page: a form that is sent twice by a nervous finger makes one build. */
const again = ({ id, state, attempt }: StoredBuild): Html => {
  const key = randomUUID();
  return html`<div class="actions">
    ${button(`/builds/${id}/retry`, state === 'succeeded' ? 'Build again' : 'Retry', { key })}
    ${attempt > 0 ? button(`/builds/${id}/retry`, 'Rebuild without cache', { key, cache: 'false' }) : ''}
  </div>`;
};

const cancel = ({ id, cancel }: StoredBuild): Html =>
  cancel
    ? html`<p class="actions">${cancel} The worker has yet to stop.</p>`
    : html`<div class="actions">${button(`/builds/${id}/cancel`, 'Cancel', {})}</div>`;

const button = (action: string, text: string, fields: Record<string, string>): Html =>
  html`<form method="post" action="${action}">${Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}<button>${text}</button></form>`;
