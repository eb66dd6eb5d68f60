/** Begins a part of the log that folds; of a failed build only the step that failed is open. */
export function newSection(root: HTMLElement, step: string): HTMLDetailsElement {
  const section = document.createElement('details');
  const { failedStep = '' } = root.dataset;
  section.dataset.step = step;
  section.open = failedStep === '' || step === failedStep;
  const summary = document.createElement('summary');
  summary.textContent = step;
  section.append(summary);
  root.append(section);
  return section;
}
