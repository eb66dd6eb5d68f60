import type { LogView } from './log-view.ts';

/** The lines an address points at: `#L120` or `#L120-L140`; null for any other. */
export function linesOf(hash: string): { first: number; last: number } | null {
  const [, one, other = one] = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/.exec(hash) ?? [];
  if (!one) return null;
  const [first, last] = [Number(one), Number(other)].sort((a, b) => a - b) as [number, number];
  return { first, last };
}

/** So many lines are marked at most, however many an address points at. */
const mostChosen = 10_000;

/** Marks the lines that the address points at, as soon as they are there, and shows the first. */
export function lineLinks(root: HTMLElement, view: LogView): { rangeTo: (n: number) => void } {
  let wanted = linesOf(location.hash);
  let isShown = false;
  let anchor = wanted?.first ?? null;

  function mark(): void {
    for (const element of document.querySelectorAll('.line.chosen'))
      element.classList.remove('chosen');
    if (!wanted) return;
    const end = Math.min(wanted.last, wanted.first + mostChosen);
    for (let n = wanted.first; n <= end; n += 1) {
      const row = view.row(n);
      if (row) view.elementOf(row).classList.add('chosen');
    }
  }

  function show(): void {
    const row = wanted && view.row(wanted.first);
    isShown = row !== null && row !== undefined;
    mark();
    if (row) view.elementOf(row).scrollIntoView({ block: 'center' });
  }

  addEventListener('hashchange', () => {
    wanted = linesOf(location.hash);
    anchor = wanted?.first ?? null;
    show();
  });
  function choose(n: number, from: number | null): void {
    anchor = from ?? n;
    const [first, last] = [Math.min(anchor, n), Math.max(anchor, n)];
    wanted = { first, last };
    history.replaceState(null, '', first === last ? `#L${n}` : `#L${first}-L${last}`);
    mark();
  }

  root.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLElement>('.line > a');
    if (!link) return;
    event.preventDefault();
    choose(Number(link.dataset.n), event.shiftKey ? anchor : null);
  });
  view.onAppend(() => {
    const added = view.rows.at(-1)?.data.n;
    if (!wanted || !added || added < wanted.first || added > wanted.last) return;
    if (isShown) view.elementOf(view.rows.at(-1)!).classList.add('chosen');
    else show();
  });
  show();
  return {
    /** Has the address point at the lines from the one chosen before, or none, to this one. */
    rangeTo: (n) => choose(n, anchor),
  };
}
