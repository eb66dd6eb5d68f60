import { focusNumber } from './focus-number.ts';
import type { LogView, Row } from './log-view.ts';

/** What of an address leads to the line that tells why the build failed. */
const hash = '#failure';

/**
 * Links to where it failed: the line may have no element yet, nor be there while a long log is read.
 * Nobody is taken there who did not ask: what failed is told at the top. Returns what to call once
 * all lines are there.
 */
export function failureLinks(view: LogView, root: HTMLElement): () => void {
  let isWanted = location.hash === hash;
  let isWhole = false;
  const show = (): void => {
    if (isWanted && isWhole) showFailure(view, root);
  };
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest(`a[href$="${hash}"]`);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (location.hash !== hash) history.pushState(null, '', hash);
    isWanted = true;
    show();
  });
  return () => {
    isWhole = true;
    show();
  };
}

/** Brings the line that tells why the build failed into view, with as much before it as fits. */
function showFailure(view: LogView, root: HTMLElement): void {
  const { failedStep } = root.dataset;
  const last = view.rows.findLast(({ data }) => data.step === failedStep);
  if (!last) return;
  const sectionOf = ({ chunk }: Row) => chunk.box.parentElement;
  const error = view.rows.findLast(({ data }) => /^#\d+ ERROR/.test(data.text));
  const row = error && sectionOf(error) === sectionOf(last) ? error : last;
  const element = view.elementOf(row);
  focusNumber(element);
  element.scrollIntoView({ block: 'nearest' });
}
