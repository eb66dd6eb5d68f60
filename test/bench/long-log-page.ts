import type { Page } from 'playwright-core';
import { startBrowser } from '../system/browser.ts';
import { buildOfOurs } from '../system/log-scene.ts';
import type { Slipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { quantile } from './median.ts';

const lineCount = 100_000;
const runs = 5;

/** The page of a build with a long log in a browser: until it is seen, is whole, and as one scrolls. */
export async function benchLongLogPage(slipway: Slipway): Promise<string> {
  const scene = await buildOfOurs(slipway);
  const text = (n: number) =>
    `#5 ${n}.123 \u001b[32mcompiled\u001b[0m module-${n}.ts, one of a great many`;
  for (let n = 0; n < lineCount; n += 500) {
    await scene.print(Array.from({ length: 500 }, (_, i) => text(n + i)));
  }
  await scene.end();
  const browser = await startBrowser();
  try {
    const figures: Figures[] = [];
    for (let run = 0; run < runs; run += 1) {
      const page = await (await browser.newContext()).newPage();
      figures.push(await measure(page, `${slipway.url}/builds/${scene.id}`));
      await page.close();
    }
    const of = (pick: (figure: Figures) => number) =>
      `${quantile(figures.map(pick), 0.5).toFixed(0)} ms`;
    const worst = (pick: (figure: Figures) => number) =>
      `${Math.max(...figures.map(pick)).toFixed(0)} ms`;
    return [
      `page of a log of ${lineCount} lines, ${runs} runs: first paint ${of((f) => f.paint)}, whole after ${of((f) => f.whole)}, a find at its end after ${of((f) => f.search)} (medians)`,
      `  longest task while it loads ${worst((f) => f.loading)}, while one scrolls through it ${worst((f) => f.scrolling)}, while one searches ${worst((f) => f.searching)} (of all runs)`,
    ].join('\n');
  } finally {
    await browser.close();
    scene.close();
  }
}

type Figures = Record<'paint' | 'whole' | 'loading' | 'scrolling' | 'search' | 'searching', number>;

async function measure(page: Page, url: string): Promise<Figures> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(window, { tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  await page.goto(url);
  await until('the log is whole', async () => (await page.locator('#more').count()) === 0);
  const whole = await page.evaluate(() => performance.now());
  const paint = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
  );
  const loading = await longestTask(page);
  for (let step = 0; step < 40; step += 1) {
    await page.mouse.wheel(0, 1_500);
    await page.waitForTimeout(30);
  }
  await page.evaluate(async () => {
    for (let share = 0; share <= 1; share += 0.02) {
      scrollTo(0, document.documentElement.scrollHeight * share);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
  const scrolling = await longestTask(page);
  const begun = Date.now();
  await page.locator('#search-text').fill(`module-${lineCount - 1}.ts`);
  await until('it is found', async () => (await page.locator('.line.hit').count()) === 1);
  const search = Date.now() - begun;
  return { paint, whole, loading, scrolling, search, searching: await longestTask(page) };
}

/** The longest since it was asked for last; 0 if none took 50 ms. */
async function longestTask(page: Page): Promise<number> {
  await page.waitForTimeout(300);
  return page.evaluate(() => {
    const { tasks } = window as unknown as { tasks: number[] };
    return Math.max(0, ...tasks.splice(0));
  });
}
