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
    { title: 'Checks', trail: [{ text: 'Checks' }], caller },
    html`<h1>Checks</h1>
      <p role="status">${count === 0 ? 'Nothing is wrong.' : count === 1 ? 'One thing is wrong.' : `${count} things are wrong.`}</p>
      ${setUpPath ? html`<p>No GitHub App yet: <a href="${setUpPath}">set up GitHub</a>.</p>` : ''}
      <dl class="checks">${sorted.map(item)}</dl>
      <p><a href="/setup/checks">Look again</a>. On a machine with a worker <code>npm run doctor</code>
        looks at its engine, its disks and its login at the registry too.</p>`,
  );
}

const order: Record<Finding['state'], number> = { wrong: 0, warning: 1, none: 2, good: 3 };

const words: Record<Finding['state'], { word: string; look: string }> = {
  good: { word: 'right', look: 'succeeded' },
  warning: { word: 'warning', look: 'warning' },
  wrong: { word: 'wrong', look: 'failed' },
  none: { word: 'not looked at', look: 'cancelled' },
};

function item({ name, state, says, todo }: Finding): Html {
  const { word, look } = words[state];
  return html`<div><dt><span class="state ${look}">${word}</span> <span>${name}</span></dt>
    <dd>${visibleText(says)}${todo === null ? '' : html`<br><strong>${visibleText(todo)}</strong>`}</dd></div>`;
}
