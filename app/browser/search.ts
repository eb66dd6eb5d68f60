import { focusNumber } from './focus-number.ts';
import type { LogView, Row } from './log-view.ts';
import { plainText } from './styled-text.ts';

/** Lines looked at before the page gets its turn again. */
const slice = 4_000;

/** Waits for the end of the word, in milliseconds. */
const typing = 150;

/** Search in the whole log, be its lines on the page already or not; `#120` goes to a line. */
export function logSearch(view: LogView): void {
  const form = document.querySelector<HTMLFormElement>('#search');
  const field = form?.querySelector('input');
  const count = form?.querySelector('output');
  if (!form || !field || !count) return;
  let query = '';
  let found: Row[] = [];
  let looked = 0;
  let at = -1;
  let timer = 0;

  const say = (): void => {
    const what = found.length === 0 ? 'none' : `${at + 1} of ${found.length}`;
    count.textContent = query === '' ? '' : what;
  };

  /** Looks at what is new since; false when another search has begun meanwhile. */
  async function look(): Promise<boolean> {
    const mine = query;
    while (looked < view.rows.length) {
      for (const row of view.rows.slice(looked, looked + slice)) {
        if (plainText(row.data.text).toLowerCase().includes(query)) found.push(row);
      }
      looked = Math.min(looked + slice, view.rows.length);
      await new Promise((resolve) => setTimeout(resolve));
      if (query !== mine) return false;
    }
    return true;
  }

  /** `isMeant` unless the word may go on. */
  async function start(isMeant: boolean): Promise<void> {
    clearTimeout(timer);
    query = field!.value.trim().toLowerCase();
    [found, looked, at] = [[], 0, -1];
    unmark();
    const line = /^#l?(\d+)$/.exec(query)?.[1];
    if (line && view.row(Number(line))) {
      location.hash = `#L${line}`;
      if (isMeant) focusNumber(view.elementOf(view.row(Number(line))!));
      query = '';
    }
    if (query !== '' && (await look())) await step(1);
    say();
  }

  async function step(by: 1 | -1): Promise<void> {
    if (query === '' || !(await look()) || found.length === 0) return say();
    at = (at + by + found.length) % found.length;
    mark(view.elementOf(found[at]!), query);
    say();
  }

  form.hidden = false;
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void start(false), typing);
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') {
      const isSame = field.value.trim().toLowerCase() === query;
      void (isSame ? step(event.shiftKey ? -1 : 1) : start(true));
    }
    if (event.key === 'Escape') {
      const hit = found[at];
      field.value = '';
      void start(true);
      // From where it was found one goes on by keyboard, and the next `/` searches anew.
      field.blur();
      if (hit) focusNumber(view.elementOf(hit));
    }
  });
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.target as Element).closest('input, textarea, select, [contenteditable]')) return;
    event.preventDefault();
    field.focus();
  });
}

function unmark(): void {
  for (const element of document.querySelectorAll('.line.hit')) element.classList.remove('hit');
  CSS.highlights?.delete('found');
}

/** Marks the line, and in it the words where the browser can. */
function mark(element: HTMLElement, query: string): void {
  unmark();
  element.classList.add('hit');
  element.scrollIntoView({ block: 'center' });
  if (!CSS.highlights) return;
  const ranges: Range[] = [];
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const start = node.textContent?.toLowerCase().indexOf(query) ?? -1;
    if (start === -1) continue;
    const range = new Range();
    range.setStart(node, start);
    range.setEnd(node, Math.min(start + query.length, node.textContent!.length));
    ranges.push(range);
  }
  CSS.highlights.set('found', new Highlight(...ranges));
}
