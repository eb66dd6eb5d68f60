import type { LogView } from './log-view.ts';

/** Takes over the lines that came with the page itself. */
export function readPage(root: HTMLElement, view: LogView): void {
  for (const box of root.querySelectorAll<HTMLElement>('.chunk')) {
    const step = box.closest('details')?.dataset.step ?? '';
    const lines = [...box.children].map((child) => {
      const element = child as HTMLElement;
      const n = element.id === '' ? null : Number(element.id.slice(1));
      const text = element.textContent.slice(0, -1);
      return { data: { n, step, stream: '', text }, element };
    });
    view.adopt(box, lines);
  }
}
