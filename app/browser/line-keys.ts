import { focusNumber } from './focus-number.ts';
import type { LogView, Row } from './log-view.ts';

/** How far a key goes from a line, in lines. */
const ways: Record<string, number> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 25,
  PageUp: -25,
  End: Infinity,
  Home: -Infinity,
};

/**
 * Goes from number to number by keyboard, of which one at a time can be reached by Tab; `onRange` is
 * told of the line that a range is to go to, by Shift with the arrows.
 */
export function lineKeys(root: HTMLElement, view: LogView, onRange: (n: number) => void): void {
  let current = root.querySelector<HTMLElement>('.line > a');
  const make = (link: HTMLElement): void => {
    if (current) current.tabIndex = -1;
    current = link;
    current.tabIndex = 0;
  };
  if (current) make(current);
  else view.onAppend(() => void (current ?? begin()));

  function begin(): void {
    const link = root.querySelector<HTMLElement>('.line > a');
    if (link) make(link);
  }

  const numberIn = (event: Event): HTMLElement | null =>
    (event.target as Element).closest<HTMLElement>('.line > a');

  root.addEventListener('focusin', (event) => {
    const link = numberIn(event);
    if (link) make(link);
  });
  root.addEventListener('keydown', (event) => {
    const by = ways[event.key];
    const link = numberIn(event);
    if (!link || by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const from = view.row(Number(link.dataset.n));
    const row = from && numbered(view, from, by);
    if (!row) return;
    const element = view.elementOf(row);
    focusNumber(element);
    element.scrollIntoView({ block: 'nearest' });
    if (event.shiftKey) onRange(row.data.n!);
  });
}

/** The line so far from another, or the last one before the log ends; sentences about gaps have no number. */
function numbered({ rows }: LogView, from: Row, by: number): Row | undefined {
  const all = rows.filter(({ data }) => data.n !== null);
  return all[Math.max(0, Math.min(all.length - 1, all.indexOf(from) + by))];
}
