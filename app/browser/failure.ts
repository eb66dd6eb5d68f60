import type { LogView, Row } from './log-view.ts';

/** Makes the last section of the step that failed the one that `#failure` leads to. */
export function markFailure(root: HTMLElement): void {
  root.querySelector('#failure')?.removeAttribute('id');
  const sections = [...root.querySelectorAll<HTMLElement>('details[data-step]')];
  const failed = sections.findLast(({ dataset }) => dataset.step === root.dataset.failedStep);
  if (failed) failed.id = 'failure';
}

/** Brings the line that tells why the build failed into view, with as much before it as fits. */
export function showFailure(view: LogView, root: HTMLElement): void {
  const { failedStep } = root.dataset;
  const last = view.rows.findLast(({ data }) => data.step === failedStep);
  if (!last) return;
  const sectionOf = ({ chunk }: Row) => chunk.box.parentElement;
  const error = view.rows.findLast(({ data }) => /^#\d+ ERROR/.test(data.text));
  const row = error && sectionOf(error) === sectionOf(last) ? error : last;
  view.elementOf(row).scrollIntoView({ block: 'nearest' });
}
