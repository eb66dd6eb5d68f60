import { html } from 'hono/html';
import type { Notification } from '../../queue/notifications.ts';
import { durationText } from '../../queue/text.ts';
import { visibleText } from '../browser/visible-text.ts';
import type { Caller } from '../routes/caller.ts';
import { moment } from './build-cells.ts';
import { layout } from './layout.ts';

/** Who was told of a repository's last ends, how that went, and a button to tell each again. */
export const notificationsPage = (caller: Caller, repo: string, all: Notification[]) =>
  layout(
    {
      ...{ title: `Notifications of ${repo}`, caller },
      trail: [{ text: repo, href: `/${repo}` }, { text: 'Notifications' }],
    },
    html`<h1>Notifications</h1>
      <p class="muted">The last requests that told of an end of a build of ${repo}, the newest first. Each target is
        shown by its host and a short name of its own, since a URL can be a secret.</p>
      ${all.length === 0 ? none : html`<ul class="notifications">${all.map(one(repo))}</ul>`}`,
  );

const none = html`<p class="nothing">None yet. Name a target under <code>notify:</code> in
  <code>.github/slipway.yml</code>; the next build of a branch or tag that ends is told to it.</p>`;

const one = (repo: string) => (notification: Notification) => {
  const { id, build, event, state, host, target, format, tag, from } = notification;
  return html`<li><div>
    <h2><span class="state ${states[state].style}">${states[state].text}</span>
      <span>${event} to ${visibleText(host)} <small>(${target.slice(0, 8)})</small></span></h2>
    <p><a href="/builds/${build}">Build ${build}</a>${tag === null ? '' : html`, tag <code>${tag}</code>`};
      format ${format}; named by the ${from}</p>
    <p>${tries(notification)}</p>
    ${answerOf(notification)}</div>
    <form method="post" action="/${repo}/notifications/${id}/resend">
      <button aria-label="Send again: ${event} to ${visibleText(host)}, ${time(notification.createdAt)}">Send again</button>
    </form>
  </li>`;
};

const states: Record<Notification['state'], { text: string; style: string }> = {
  waiting: { text: 'waiting', style: 'queued' },
  delivered: { text: 'delivered', style: 'succeeded' },
  failed: { text: 'failed', style: 'failed' },
};

function tries({ attempts, triedAt, duration, problem, nextAt }: Notification) {
  const next = nextAt ? html` Next try ${moment(nextAt, Date.now())}.` : '';
  if (triedAt === null) return html`Not tried yet.${next}`;
  const count = attempts === 1 ? '1 try' : `${attempts} tries`;
  const took = durationText(duration ?? 0);
  return html`${count}, the last ${moment(triedAt, Date.now())}, in ${took}. ${visibleText(problem ?? '')}${next}`;
}

const answerOf = ({ status, answer }: Notification) =>
  status === null
    ? ''
    : html`<details><summary>Answer: ${status}</summary>
        ${answer ? html`<pre>${'\n'}${visibleText(answer)}</pre>` : html`<p>${empty}</p>`}</details>`;

const empty = 'It had no text, or is the answer of a target of the operator’s, which is not kept.';

const time = (at: string): string => `${at.replace('T', ' ').slice(0, 19)} UTC`;
