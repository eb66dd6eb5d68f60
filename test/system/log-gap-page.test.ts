import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { appendCut } from '../../queue/live-log.ts';
import { startBrowser } from './browser.ts';
import { logTextOf } from './log-page.ts';
import { buildOfOurs } from './log-scene.ts';
import { readMetrics } from './prometheus.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

let slipway: Slipway;
let browser: Browser;

beforeAll(async () => {
  [slipway, browser] = await Promise.all([startSlipway({ workers: 0 }), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await slipway.stop();
});

test('the page says which lines are missing, live and when it is opened later', async () => {
  const build = await buildOfOurs(slipway);
  const page = await (await browser.newContext()).newPage();
  const logText = () => logTextOf(page);
  await build.print(['first']);
  await page.goto(`${slipway.url}/builds/${build.id}`);
  await until('it is there', async () => (await logText()).includes('first\n'));
  const line = { at: Date.now(), step: 'build', stream: 'stdout', text: 'late' } as const;
  await appendCut(build.store, build.id, 1, [line], { skipped: 3, removed: null, bytes: 60 });
  const gap = '… 3 lines are left out here: the log had reached its limit (LOG_LIMIT)';
  const whole = `first\n${gap}\nlate\n`;
  await until('the gap is shown', async () => (await logText()) === whole);
  await page.reload();
  expect(await logText()).toBe(whole);
  await build.end();
  await until('the end is shown', async () =>
    ((await page.locator('#state').textContent()) ?? '').includes('succeeded'),
  );
  expect(await logText()).toBe(whole);
  expect(await (await fetch(`${build.url}/log`)).text()).toBe(whole);
  expect(await (await fetch(`${build.url}/log?after=1&until=3`)).text()).toBe(
    '… 2 lines are left out here: the log had reached its limit (LOG_LIMIT)\n',
  );
  const metrics = readMetrics(await (await fetch(`${slipway.url}/metrics`)).text());
  expect(metrics.get('slipway_log_lines_total{result="written"}')).toBe(2);
  expect(metrics.get('slipway_log_lines_total{result="cut"}')).toBe(3);
  expect(metrics.get('slipway_log_bytes_total{result="cut"}')).toBe(60);
  expect(metrics.get('slipway_log_bytes_total{result="written"}')).toBeGreaterThan(100);
  build.close();
});
