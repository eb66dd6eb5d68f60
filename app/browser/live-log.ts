import { gapText } from './gap-text.ts';
import { visibleText } from './visible-text.ts';

const log = document.querySelector<HTMLElement>('#log');
const state = document.querySelector<HTMLElement>('#state');
const reason = document.querySelector<HTMLElement>('#reason');

/** After an answer that is no stream, e.g. a proxy's 502, in milliseconds. */
const pause = 3_000;

if (log && state && reason) follow(log, state, reason);

/** Keeps the page as the build is: goes on after the line that the page ends with. */
function follow(log: HTMLElement, state: HTMLElement, reason: HTMLElement): void {
  const { build, last } = log.dataset;
  const events = new EventSource(`/api/builds/${build}/events?after=${last}`);
  events.addEventListener('log', (event) => {
    const line = JSON.parse(event.data);
    if (line.n <= Number(log.dataset.last)) return;
    log.dataset.last = line.n;
    log.append(`${visibleText(line.text)}\n`);
  });
  events.addEventListener('gap', (event) => {
    const gap = JSON.parse(event.data);
    if (gap.last <= Number(log.dataset.last)) return;
    log.dataset.last = gap.last;
    const range = `after=${gap.first - 1}&until=${gap.last}`;
    log.append(`${gapText(gap, `${location.origin}/api/builds/${build}/log?${range}`)}\n`);
  });
  events.addEventListener('state', (event) => {
    const record = JSON.parse(event.data);
    state.textContent = record.state;
    state.className = `state ${record.state}`;
    reason.textContent = visibleText(record.reason ?? '');
    if (record.finishedAt) events.close();
    void showFacts(`${record.state} ${record.step ?? ''} ${record.attempt}`);
  });
  // The browser comes back by itself after a lost connection, but not after an answer like 502.
  events.addEventListener('error', () => {
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(() => follow(log, state, reason), pause);
    }
  });
}

/** Takes steps, digest and the like from the page as it is now, so that they are written once. */
async function showFacts(wanted: string): Promise<void> {
  const shown = document.querySelector<HTMLElement>('#facts');
  if (!shown || shown.dataset.shows === wanted) return;
  const answer = await fetch(location.pathname).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.querySelector('#facts');
  if (fresh) shown.replaceWith(document.adoptNode(fresh));
}
