import type { Page } from 'playwright-core';

/** The lines of the log on a build's page, each with its line end, without the headings of steps. */
export const logTextOf = (page: Page): Promise<string> =>
  page
    .locator('#log .line')
    .evaluateAll((lines) => lines.map(({ textContent }) => textContent).join(''));
