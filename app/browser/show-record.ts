import { buildTitle } from './build-title.ts';
import type { BuildRecord } from './follow-build.ts';
import { visibleText } from './visible-text.ts';

/** Shows a record whenever it has changed: state, reason, the tab's title and sign, the facts. */
export function createRecordView(id: string): (record: BuildRecord) => void {
  const state = document.querySelector<HTMLElement>('#state')!;
  const reason = document.querySelector<HTMLElement>('#reason')!;
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')!;
  return (record) => {
    if (state.textContent !== record.state) {
      for (const shown of document.querySelectorAll('[data-state]')) {
        shown.textContent = record.state;
        shown.className = `state ${record.state}`;
      }
      document.title = `${buildTitle(record)} · Slipway`;
      icon.href = `/assets/icon-${record.state}.svg`;
    }
    const sentence = visibleText(record.reason ?? '');
    if (reason.textContent !== sentence) reason.textContent = sentence;
    void showFacts(id, `${record.state} ${record.step ?? ''} ${record.attempt}`);
  };
}

/** Takes steps, digest, buttons and the like from the server, so that they are written once. */
async function showFacts(id: string, wanted: string): Promise<void> {
  const shown = document.querySelector<HTMLElement>('#facts');
  if (!shown || shown.dataset.shows === wanted) return;
  const answer = await fetch(`/builds/${id}/facts`).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.querySelector<HTMLElement>('#facts');
  const stale = document.querySelector<HTMLElement>('#facts');
  if (!fresh || !stale) return;
  const focused = stale.contains(document.activeElement) ? document.activeElement : null;
  stale.replaceWith(document.adoptNode(fresh));
  if (focused) sameAs(focused, fresh)?.focus();
}

/** What stands for an element that had the focus, so that whoever goes by keyboard keeps their place. */
const sameAs = (
  { localName, textContent }: Element,
  within: HTMLElement,
): HTMLElement | undefined =>
  [...within.querySelectorAll<HTMLElement>(localName)].find(
    (element) => element.textContent === textContent,
  );
