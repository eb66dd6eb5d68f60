import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Browser } from 'playwright-core';
import { startBrowser } from './browser.ts';
import { atStep, cancel, completed, digestOf, dockerfile, ended, pushNew } from './builds.ts';
import { openAs, type Recorded, recordBuilds, rowsOf } from './page-scene.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;
let browser: Browser;
let redis: Redis;

beforeAll(async () => {
  [slipway, browser] = await Promise.all([
    startSlipway({ env: { CONCURRENCY: '1' } }),
    startBrowser(),
  ]);
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  await browser.close();
  redis.disconnect();
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

const open = (path: string, token: string | null, options = {}) =>
  openAs(browser, `${slipway.url}${path}`, token, options);

test('home shows what runs and how far it is, what waits and why, last builds and the workers', async () => {
  const { repo, sha } = await pushNew(slipway, 'shop', 'sleep 1');
  await ended(slipway, sha);
  await buildSecret();
  const long = await repo.commit({ files: dockerfile('sleep 600'), message: 'A <b>long</b> one' });
  await repo.push({ ref: 'refs/heads/main', after: long });
  const running = await atStep(slipway, long, 'build');
  for (const name of ['next', 'later']) {
    const { sha: waiting } = await pushNew(slipway, name, 'true');
    await until('it waits', async () => (await slipway.build(waiting))?.state === 'queued');
  }
  const access: Record<string, 'read' | 'write'> = {
    ...{ 'acme/shop': 'write', 'acme/secret': 'read' },
    ...{ 'acme/next': 'read', 'acme/later': 'read' },
  };
  const { page, problems } = await open('/', slipway.github.user('ann', { access }).token);
  expect(await page.locator('#summary').textContent()).toBe('1 build of yours runs, 2 wait.');
  const [row] = await rowsOf(page, 'Builds that run');
  expect(row).toMatch(/ A <b>long<\/b> one \| build \| [\d.]+ s, the last took [\d.]+ s \| /);
  expect(row).toContain(String(running.worker));
  expect(await page.getByRole('progressbar').count()).toBe(1);
  const waiting = await rowsOf(page, 'Builds that wait');
  expect(waiting[0]).toContain('Next, once a worker has a place.');
  expect(waiting[1]).toContain('Behind 1 other.');
  const names = async () =>
    (await rowsOf(page, 'Repositories with their last build')).map((text) => text.split(' ')[0]);
  expect(await names()).toEqual(['acme/later', 'acme/next', 'acme/shop', 'acme/secret']);
  expect((await rowsOf(page, 'Workers'))[0]).toContain('1 of 1 | takes builds | data: ');

  const stranger = await open('/', null);
  expect(await rowsOf(stranger.page, 'Repositories with their last build')).toHaveLength(3);
  expect(await stranger.page.locator('#summary').textContent()).toBe(
    '1 public build runs, 2 wait.',
  );
  // Whoever signs in sees what a stranger does as well, below what is theirs.
  const some = await open(
    '/',
    slipway.github.user('sue', { access: { 'acme/next': 'read' } }).token,
  );
  expect(await some.page.locator('#summary').textContent()).toBe(
    '0 builds of yours run, 1 waits. 1 public build runs, 1 waits.',
  );
  const shown = [
    'Repositories with their last build',
    'Public: Repositories with their last build',
  ];
  expect(
    (await Promise.all(shown.map((caption) => rowsOf(some.page, caption)))).map((rows) =>
      rows.map((text) => text.split(' ')[0]),
    ),
  ).toEqual([['acme/next'], ['acme/later', 'acme/shop']]);
  for (const other of [stranger, await open('/', 'no-token-of-github')]) {
    const text = await other.page.content();
    for (const hidden of ['acme/secret', String(running.worker), '>Workers<', 'Check the service'])
      expect(text).not.toContain(hidden);
  }

  let loads = 0;
  page.on('domcontentloaded', () => {
    loads += 1;
  });
  await page.getByRole('link', { name: 'acme/shop', exact: true }).focus();
  await cancel(slipway, running);
  await until('home follows by itself', async () => {
    const all = await rowsOf(page, 'Repositories with their last build');
    return all.some((text) => text.startsWith('acme/shop | cancelled'));
  });
  expect(await page.locator(':focus').textContent()).toBe('acme/shop');
  expect(loads).toBe(0);
  expect(problems).toEqual([]);
});

/** A private repository with a build that has ended. */
async function buildSecret(): Promise<void> {
  const repo = await slipway.github.createRepository('acme', 'secret', { private: true });
  const sha = await repo.commit({ files: dockerfile('true'), message: 'secret' });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const check = await until('its check is there', () => slipway.github.checkRuns(repo, sha)[0]);
  await completed(slipway, check.externalId);
}

/** 120 builds of two rules: every tenth failed, and the last two ended otherwise. */
const history: Recorded[] = Array.from({ length: 120 }, (_, at) => ({
  ...{ waited: 1_000 * (at % 7), took: 20_000 + 500 * at, name: at % 2 ? 'web' : 'tools' },
  state: at % 10 === 9 ? 'failed' : 'succeeded',
  ref: at % 3 ? 'refs/heads/main' : 'refs/heads/<i>feature</i>',
  message: `Change number ${at}`,
  author: at === 60 ? 'Grace' : 'Ada',
}));
history.push(
  { state: 'errored', waited: 1_000, took: 2_000, name: 'web', message: 'Our fault' },
  { state: 'cancelled', waited: 900_000, took: 2_000, name: 'web', message: 'Long wait' },
);

test('a repository’s builds are filtered, paged and drawn', async () => {
  await recordBuilds(redis, 'acme/history', history);
  const { page, problems } = await open('/acme/history', null, { javaScriptEnabled: false });
  const messages = async () =>
    (await rowsOf(page, 'Builds')).map(
      (text) => / (Change number \d+|Our fault|Long wait) /.exec(text)?.[1],
    );
  expect((await messages()).slice(0, 3)).toEqual(['Long wait', 'Our fault', 'Change number 119']);
  const bars = page.locator('.chart a');
  expect(await bars.count()).toBe(50);
  expect(await bars.first().locator('title').textContent()).toMatch(/: cancelled, waited 15 m/);
  expect(await page.locator('.chart a.failed path.mark').count()).toBe(5);
  expect(await page.locator('.chart a.errored .mark, .chart a.cancelled .mark').count()).toBe(2);
  expect(await page.locator('.chart figcaption').textContent()).toContain('longer ones are cut');

  await page.getByRole('link', { name: 'Older builds' }).click();
  expect((await messages())[0]).toBe('Change number 71');
  await page.getByRole('link', { name: 'Older builds' }).click();
  expect(await messages()).toHaveLength(22);
  expect(await page.getByRole('link', { name: 'Older builds' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Newer builds' }).click();
  expect((await messages())[0]).toBe('Change number 71');
  await page.getByRole('link', { name: 'Newer builds' }).click();
  expect(new URL(page.url()).search).toBe('');

  await page.getByLabel('State').selectOption('failed');
  await page.getByLabel('Rule').selectOption('web');
  await page.getByLabel('Branch or tag').fill('<i>feature</i>');
  await page.getByLabel('Text').fill('NUMBER 3');
  await page.getByRole('button', { name: 'Filter' }).click();
  expect(await messages()).toEqual(['Change number 39']);
  expect(await page.getByLabel('Branch or tag').inputValue()).toBe('<i>feature</i>');
  await page.getByRole('link', { name: 'Show all' }).click();
  await page.getByLabel('Text').fill('grace');
  await page.getByRole('button', { name: 'Filter' }).click();
  expect(await messages()).toEqual(['Change number 60']);
  expect(await page.locator('.copy:visible').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('a repository’s images and badge are copied by a button', async () => {
  const { sha } = await pushNew(slipway, 'copied', 'true');
  const { image } = await ended(slipway, sha);
  const { page, context } = await open('/acme/copied', null);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: slipway.url });
  const latest = (await rowsOf(page, 'Images')).find((text) => text.startsWith('latest'));
  const digest = await digestOf(String(image), 'latest');
  expect(latest).toContain(`docker pull ${image}:latest`);
  expect(latest).toContain(digest?.slice(0, 19));
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('button', { name: 'Copy the command that pulls latest' }).click();
  await until('it is copied', async () => (await copied()) === `docker pull ${image}:latest`);
  await page.getByRole('button', { name: 'Copy the badge' }).click();
  const badge = `[![Slipway](${slipway.url}/badge/acme/copied.svg)](${slipway.url}/acme/copied)`;
  await until('it is copied', async () => (await copied()) === badge);
});

test('what is missing, what is private and what is refused are pages in the same style', async () => {
  const { token } = slipway.github.user('rita', { access: { 'acme/shop': 'read' } });
  const texts = [];
  for (const path of ['/acme/secret', '/acme/missing', '/no/such/page', '/setup/checks']) {
    const { page, status } = await open(path, token);
    expect(status).toBe(404);
    texts.push(await page.content());
  }
  expect(new Set(texts).size).toBe(1);
  for (const [path, location] of [
    ['/acme/shop/?state=failed', '/acme/shop?state=failed'],
    ['/builds/b1/', '/builds/b1'],
    ['//evil.example/', '/evil.example'],
  ] as const) {
    const answer = await fetch(`${slipway.url}${path}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([301, location]);
  }
  const post = (path: string, more = {}) =>
    fetch(`${slipway.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...more },
    });
  for (const [path, headers, status, title] of [
    ['/nothing', {}, 404, 'Not found'],
    ['/acme/shop/builds', {}, 403, 'Not allowed'],
    ['/acme/shop/builds', { origin: 'https://evil.example' }, 403, 'Not allowed'],
  ] as const) {
    const answer = await post(path, headers);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(`<h1>${title}</h1>`);
  }
});

test('insiders see whether all is well with Redis, the workers and the webhooks', async () => {
  const { token } = slipway.github.user('ann', { access: { 'acme/shop': 'write' } });
  const { page } = await open('/setup/checks', token);
  const names = await page.locator('.checks dt').allTextContents();
  const said = names.map((name) =>
    name
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/(Worker) \S+$/, '$1'),
  );
  expect(said.sort()).toEqual([
    ...['right Clock', 'right Deliveries', 'right GitHub App', 'right Permissions'],
    ...['right Redis', 'right Webhook', 'right Worker', 'warning Address'],
  ]);
  expect(await page.getByRole('status').textContent()).toBe('Nothing is wrong.');
});
