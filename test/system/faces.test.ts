import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { coloursOf, startBrowser, violationsOf } from './browser.ts';
import { type FaceScene, startFaceScene } from './face-scene.ts';

jest.setTimeout(180_000);

let scene: FaceScene;
let browser: Browser;

/** Where the pictures of a run are left to be looked at. */
const pictures = process.env.SLIPWAY_TEST_SCREENSHOTS ?? 'screenshots';

beforeAll(async () => {
  [scene, browser] = await Promise.all([startFaceScene(), startBrowser()]);
  await mkdir(pictures, { recursive: true });
});
afterAll(async () => {
  await browser.close();
  expect(await scene.stop()).toEqual([]);
});

const sizes = [
  { width: 1280, height: 860 },
  { width: 320, height: 640 },
];
const schemes = ['light', 'dark'] as const;

/** The browser's own: on a page that is a 404 or a 403, and whenever an engine joins a container to a network. */
const remarks = /status of 40[34]|ERR_NETWORK_CHANGED/;

/** A page of a new browser; whatever its consoles say is a problem, the policy's refusals too. */
async function newPage() {
  const page = await (await browser.newContext()).newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !remarks.test(message.text()))
      problems.push(`${page.url()}: ${message.text()}`);
  });
  return { page, problems };
}

/** What is wrong with pages, each in both sizes and schemes; leaves pictures of them. */
async function wrongWith(page: Page, paths: Record<string, string>): Promise<object[]> {
  const wrong: object[] = [];
  for (const [name, path] of Object.entries(paths)) {
    await page.setViewportSize(sizes[0]!);
    await page.goto(`${scene.slipway.url}${path}`);
    for (const size of sizes) {
      await page.setViewportSize(size);
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });
        const at = { name, width: size.width, colorScheme };
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        if (width > size.width) wrong.push({ ...at, scrolls: width });
        for (const violation of await violationsOf(page)) wrong.push({ ...at, violation });
        const file = `${name}-${size.width}-${colorScheme}.png`;
        await page.screenshot({ path: join(pictures, file), animations: 'disabled' });
      }
    }
    const isUnfolded = await page.locator('details:not([open])').evaluateAll((all) => {
      for (const one of all) one.setAttribute('open', '');
      return all.length > 0;
    });
    if (!isUnfolded) continue;
    for (const violation of await violationsOf(page)) wrong.push({ name, unfolded: violation });
  }
  return wrong;
}

test('every page can be used and read by all, wide and narrow, light and dark', async () => {
  const { page, problems } = await newPage();
  await page.goto(`${scene.slipway.url}/sign-in?to=/`);
  expect(await page.locator('header').textContent()).toContain('Signed in as ada');
  expect(await wrongWith(page, scene.pages)).toEqual([]);
  expect(problems).toEqual([]);
});

test('so can those that a stranger sees', async () => {
  const { page, problems } = await newPage();
  expect(await wrongWith(page, scene.strangers)).toEqual([]);
  expect(problems).toEqual([]);
});

test('from home one comes to every other page, and back', async () => {
  const { page } = await newPage();
  const follow = async (name: string): Promise<string | null> => {
    await page.getByRole('link', { name, exact: true }).first().click();
    return page.locator('h1').textContent();
  };
  await page.goto(`${scene.slipway.url}/sign-in?to=/`);
  expect(await follow('Check the service')).toBe('Checks');
  expect(await follow('Slipway')).toBe('Builds');
  expect(await follow('acme/shop')).toBe('acme/shop');
  expect(await follow('Notifications')).toBe('Notifications');
  expect(await follow('acme/shop')).toBe('acme/shop');
  expect(await follow('failed')).toBe('Take the cart apart before the sale begins');
  expect(await follow('API')).toBe('API');
  const stranger = await newPage();
  await stranger.page.goto(`${scene.slipway.url}/acme/shop`);
  expect(await stranger.page.getByRole('link', { name: 'Notifications' }).count()).toBe(0);
});

test('light and dark differ', async () => {
  const { page } = await newPage();
  await page.goto(scene.slipway.url);
  const grounds = new Set<string>();
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    grounds.add((await coloursOf(page.locator('body'))).ground);
  }
  expect(grounds.size).toBe(2);
});

test('times move on while a page lies open', async () => {
  const { page } = await newPage();
  await page.clock.install();
  await page.goto(`${scene.slipway.url}${scene.pages['build-succeeded']}`);
  const time = page.locator('dd time');
  const exact = await time.getAttribute('title');
  await page.clock.runFor(30 * 60_000);
  expect(await time.textContent()).toMatch(/^3\d min ago$/);
  expect(exact).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
});
