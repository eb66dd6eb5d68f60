import { lineElement } from './line-element.ts';
import { newSection } from './log-section.ts';
import { type LineData, linesInChunk } from './log-shape.ts';

/** A line of the log on the page; its element is made when it comes near to being seen. */
export type Row = { data: LineData; chunk: Chunk; element: HTMLElement | null };

/** A box of lines; one that has no elements yet is as high as they will about be. */
export type Chunk = { box: HTMLElement; rows: Row[]; isFilled: boolean };

/** The log as data and on the page. */
export type LogView = ReturnType<typeof createLogView>;

/** So many lines have their elements at once; those of a longer log get them when they come near. */
const filledAtOnce = 1_000;

/** New boxes of a long log come onto the page together so often, in milliseconds. */
const together = 250;

/** How near lines come before they are made, so that nobody who scrolls sees them missing. */
const near = '1500px';

/** A log that grows at its end, in `root`. */
export function createLogView(root: HTMLElement) {
  const rows: Row[] = [];
  const byNumber = new Map<number, Row>();
  const chunks = new Map<Element, Chunk>();
  const listeners: (() => void)[] = [];
  let section: HTMLDetailsElement | null = null;
  let last: Chunk | null = null;
  const waiting: HTMLElement[] = [];
  let timer = 0;

  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const chunk = chunks.get(target);
        if (isIntersecting && chunk) fill(chunk);
      }
    },
    { rootMargin: `${near} 0px` },
  );

  function fill(chunk: Chunk): void {
    watcher.unobserve(chunk.box);
    if (chunk.isFilled) return;
    chunk.isFilled = true;
    for (const row of chunk.rows) row.element = lineElement(row.data);
    chunk.box.replaceChildren(...chunk.rows.map((row) => row.element!));
    chunk.box.style.minHeight = '';
    settle(chunk);
  }

  /** A full box may be skipped by the browser while it is out of sight. */
  function settle({ box, rows, isFilled }: Chunk): void {
    if (rows.length < linesInChunk) return;
    if (isFilled) box.classList.add('full');
    else box.style.minHeight = `${rows.length}lh`;
  }

  function chunkFor(step: string): Chunk {
    if (!section || section.dataset.step !== step) {
      place();
      section = newSection(root, step);
      last = null;
    }
    if (last && last.rows.length < linesInChunk) return last;
    const box = document.createElement('div');
    box.className = 'chunk';
    last = { box, rows: [], isFilled: rows.length < filledAtOnce };
    chunks.set(box, last);
    if (last.isFilled) section.append(box);
    else {
      waiting.push(box);
      timer ||= window.setTimeout(place, together);
    }
    return last;
  }

  /** Puts new boxes onto the page, all at once: each time the browser lays it out anew. */
  function place(): void {
    clearTimeout(timer);
    timer = 0;
    section?.append(...waiting);
    for (const box of waiting.splice(0)) {
      if (box.style.minHeight === '') box.style.minHeight = '1lh';
      watcher.observe(box);
    }
  }

  function add(data: LineData, chunk: Chunk, element: HTMLElement | null): void {
    const row = { data, chunk, element };
    rows.push(row);
    chunk.rows.push(row);
    if (data.n !== null) byNumber.set(data.n, row);
  }

  return {
    rows: rows as readonly Row[],
    /** Takes over a box that the server has filled. */
    adopt(box: HTMLElement, lines: { data: LineData; element: HTMLElement }[]): void {
      section = box.closest('details');
      last = { box, rows: [], isFilled: true };
      chunks.set(box, last);
      for (const { data, element } of lines) add(data, last, element);
    },
    append(data: LineData): void {
      const chunk = chunkFor(data.step);
      const element = chunk.isFilled ? lineElement(data) : null;
      if (element) chunk.box.append(element);
      add(data, chunk, element);
      settle(chunk);
      for (const listener of listeners) listener();
    },
    onAppend: (listener: () => void): void => void listeners.push(listener),
    row: (n: number): Row | undefined => byNumber.get(n),
    /** The element of a line, in an open section. */
    elementOf(row: Row): HTMLElement {
      place();
      fill(row.chunk);
      const around = row.chunk.box.closest('details');
      if (around) around.open = true;
      return row.element!;
    },
  };
}
