import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { coloursOf, startBrowser } from './browser.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';

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

test('the page of the API tells all of its description, without a script, small and dark', async () => {
  const answer = await fetch(`${slipway.url}/api/openapi.json`);
  const { paths, components } = (await answer.json()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
    components: { schemas: Record<string, object> };
  };
  const context = await browser.newContext({
    ...{ javaScriptEnabled: false, colorScheme: 'dark' },
    viewport: { width: 320, height: 700 },
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  await page.goto(`${slipway.url}/api`);
  expect(await page.title()).toBe('API · Slipway');
  const ids = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  const bodies = Object.keys(components.schemas).map((name) => `body-${name}`);
  for (const id of [...ids, ...bodies]) {
    expect(await page.locator(`h3[id="${id}"]`).count()).toBe(1);
  }
  const targets = await page
    .locator('a[href^="#"]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')!.slice(1)));
  expect([...ids, ...bodies]).toEqual(expect.arrayContaining([...new Set(targets)]));
  expect(await page.locator('#listBuilds ~ pre').textContent()).toBe(
    `curl \\\n  ${slipway.url}/api/builds`,
  );
  const resend = await page.locator('#resendNotification ~ pre').first().textContent();
  expect(resend).toMatch(/\/repos\/acme\/web\/notifications\/n[0-9a-f]{31}\/resend$/);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  const { contrast } = await coloursOf(page.locator('dd small').first());
  expect(contrast).toBeGreaterThan(4.5);
  expect(problems).toEqual([]);
});
