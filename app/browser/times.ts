import { agoText } from './ago-text.ts';

/** Moments are told from now, and now moves on while a page lies open. */
setInterval(() => {
  for (const time of document.querySelectorAll('time')) {
    const text = agoText(time.dateTime, Date.now());
    if (time.textContent !== text) time.textContent = text;
  }
}, 30_000);
