/** Gives a line's number the focus, from where the keyboard goes on; leaves the page where it is. */
export function focusNumber(line: HTMLElement): void {
  line.querySelector<HTMLElement>(':scope > a')?.focus({ preventScroll: true });
}
