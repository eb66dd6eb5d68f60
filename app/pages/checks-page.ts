import { html } from 'hono/html';
import type { Finding } from '../../queue/finding.ts';
import { visibleText } from '../browser/visible-text.ts';
import type { Caller } from '../routes/caller.ts';
import { type Html, layout } from './layout.ts';

/** What is right and wrong with what the service needs, the wrong things first. */
export function checksPage(caller: Caller, findings: Finding[], setUpPath: string | null) {
  const sorted = [...findings].sort((one, other) => order[one.state] - order[other.state]);
  const count = findings.filter(({ state }) => state === 'wrong').length;
  return layout(
    { title: 'Checks', caller },
    html`<h1>Checks</h1>
      <p role="status">${count === 0 ? 'Nothing is wrong.' : count === 1 ? 'One thing is wrong.' : `${count} things are wrong.`}</p>
      ${setUpPath ? html`<p>No GitHub App yet: <a href="${setUpPath}">set up GitHub</a>.</p>` : ''}
      <dl class="checks">${sorted.map(item)}</dl>
      <p><a href="/setup/checks">Look again</a>. On a machine with a worker <code>npm run doctor</code>
        looks at its engine, its disks and its login at the registry too.</p>`,
  );
}

const order: Record<Finding['state'], number> = { wrong: 0, warning: 1, none: 2, good: 3 };

const words: Record<Finding['state'], { sign: string; word: string; look: string }> = {
  good: { sign: '✓', word: 'Right', look: 'succeeded' },
  warning: { sign: '!', word: 'Warning', look: 'running' },
  wrong: { sign: '✗', word: 'Wrong', look: 'failed' },
  none: { sign: '–', word: 'Not looked at', look: 'cancelled' },
};

function item({ name, state, says, todo }: Finding): Html {
  const { sign, word, look } = words[state];
  return html`<dt><span class="${look}" aria-hidden="true">${sign}</span>
      <span class="out-of-sight">${word}:</span> ${name}</dt>
    <dd>${visibleText(says)}${todo === null ? '' : html`<br><strong>${visibleText(todo)}</strong>`}</dd>`;
}
