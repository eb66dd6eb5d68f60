import type { LogView } from './log-view.ts';

/** The Follow button: the end of the log stays in view until the reader scrolls up. */
export function stickToEnd(view: LogView): void {
  const button = document.querySelector<HTMLButtonElement>('#follow');
  if (!button) return;
  let isOn = false;
  let isDue = false;
  let lastY = 0;

  const turn = (on: boolean): void => {
    isOn = on;
    button.ariaPressed = String(on);
    if (on) toEnd();
  };
  const toEnd = (): void => {
    isDue = false;
    if (!isOn) return;
    scrollTo(0, document.documentElement.scrollHeight);
    lastY = scrollY;
  };

  button.hidden = false;
  button.addEventListener('click', () => turn(!isOn));
  // Only a reader scrolls up: the page itself grows, and is scrolled down.
  addEventListener('scroll', () => {
    if (isOn && scrollY < lastY - 2) turn(false);
    lastY = scrollY;
  });
  view.onAppend(() => {
    if (!isOn || isDue) return;
    isDue = true;
    requestAnimationFrame(toEnd);
  });
}
