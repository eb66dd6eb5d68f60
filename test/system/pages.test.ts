import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startBrowser } from './browser.ts';
import { logTextOf } from './log-page.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;
let browser: Browser;

beforeAll(async () => {
  [slipway, browser] = await Promise.all([startSlipway(), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await slipway.stop();
});

type PushOptions = { ref?: string; message?: string; private?: boolean };

/** Pushes a commit whose Dockerfile has one RUN; answers its build, queued or further. */
async function push(name: string, command: string, options: PushOptions = {}) {
  const { ref = 'refs/heads/main', message = name } = options;
  const repo = await slipway.github.createRepository('acme', name, {
    private: options.private ?? false,
  });
  const files = { Dockerfile: `FROM slipway-test/base:1\nRUN ${command}\n` };
  const sha = await repo.commit({ files, message });
  await repo.push({ ref, after: sha });
  const check = await until('the build is there', () => slipway.github.checkRuns(repo, sha)[0]);
  return { id: check.externalId, sha, repo };
}

const address = ({ id }: { id: string }) => `${slipway.url}/builds/${id}`;

/** Opens an address as a browser of its own would; the page counts what it loads. */
async function open(url: string, options: BrowserContextOptions = {}) {
  const page = await (await browser.newContext(options)).newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${message.text()} ${message.location().url}`);
  });
  let loads = 0;
  page.on('domcontentloaded', () => {
    loads += 1;
  });
  const answer = await page.goto(url);
  return { page, problems, answer, loads: () => loads };
}

const textOf = async (page: Page, selector: string) =>
  (await page.locator(selector).textContent()) ?? '';
const stateOf = (page: Page) => textOf(page, '#state');
const shows = (page: Page, state: string) =>
  until(`the page shows ${state}`, async () => (await stateOf(page)) === state);

/** Six seconds of lines; `name` keeps one test's from being another's cached step. */
const counting = (name: string) =>
  `echo ${name}; for i in $(seq 1 60); do echo "line $i."; sleep 0.1; done`;

test('the log grows while the build runs; a reload loses and doubles nothing', async () => {
  const build = await push('live', counting('live'));
  const { page, problems, loads } = await open(address(build));
  await until('the first lines are there', async () =>
    (await logTextOf(page)).includes('line 5.\n'),
  );
  const early = await logTextOf(page);
  expect(await stateOf(page)).toBe('running');
  expect(early).not.toContain('line 50.');
  await until('it has grown', async () => (await logTextOf(page)).includes('line 15.\n'));
  await page.reload();
  const reloaded = await logTextOf(page);
  expect(reloaded).toContain('line 15.\n');
  expect(reloaded).not.toContain('line 60.');
  await shows(page, 'succeeded');
  const whole = await (await fetch(`${slipway.url}/api/builds/${build.id}/log`)).text();
  expect(whole).toContain('line 60.');
  expect(await logTextOf(page)).toBe(whole);
  await until('the facts follow', async () => (await textOf(page, '#facts')).includes('sha256:'));
  expect(await textOf(page, '#facts')).not.toContain('not finished');
  expect(loads()).toBe(2);
  expect(problems).toEqual([]);
});

test('a page that loses its connection in the middle loses no line and no end', async () => {
  const build = await push('interrupted', counting('interrupted'));
  const { page, loads } = await open(address(build));
  await until('the first lines are there', async () =>
    (await logTextOf(page)).includes('line 5.\n'),
  );
  await page.context().setOffline(true);
  slipway.processes.web.child.kill('SIGKILL');
  slipway.processes.web = slipway.startWeb();
  await page.context().setOffline(false);
  await shows(page, 'succeeded');
  const whole = await (await fetch(`${slipway.url}/api/builds/${build.id}/log`)).text();
  expect(await logTextOf(page)).toBe(whole);
  expect(loads()).toBe(1);
});

test('a follower that has every line but not the end is told the end, and then to stay away', async () => {
  const build = await push('followed', 'echo followed');
  const whole = `${slipway.url}/api/builds/${build.id}/events`;
  const all = await (await fetch(whole)).text();
  const ids = [...all.matchAll(/^id: (.+)$/gm)].map(([, id = '']) => id);
  const since = (id: string) => fetch(whole, { headers: { 'last-event-id': id } });
  const rest = await (await since(ids.at(-2) ?? '')).text();
  expect(rest).toContain('"state":"succeeded"');
  expect(rest).not.toContain('event: log');
  expect((await since(ids.at(-1) ?? '')).status).toBe(204);
});

test('without JavaScript the log so far and the state are there, and follow by themselves', async () => {
  const build = await push('plain', counting('plain'));
  await until('some lines are there', async () =>
    (await (await fetch(`${slipway.url}/api/builds/${build.id}/log`)).text()).includes('line 5.\n'),
  );
  const { page } = await open(address(build), { javaScriptEnabled: false });
  expect(await stateOf(page)).toBe('running');
  expect(await logTextOf(page)).toContain('line 5.\n');
  await shows(page, 'succeeded');
  expect(await logTextOf(page)).toContain('line 60.\n');
});

test('hostile lines and names are text, before and after the end', async () => {
  const attack = '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">';
  const commands = [
    'sleep 3',
    `echo '${attack}'`,
    "printf 'a\\033[31mred\\033[0m \\033]52;c;aGk=\\007 nul\\000nul \\342\\200\\256rtl\\n'",
    "head -c 100000 /dev/zero | tr '\\0' x",
    'echo the last',
  ];
  const build = await push('hostile', commands.join('; '), {
    ref: 'refs/heads/<script>window.hacked=1</script>"\'&amp;',
    message: attack,
  });
  // Without the headers that forbid foreign scripts: the text itself has to be harmless.
  const live = await open(address(build), { bypassCSP: true });
  await shows(live.page, 'succeeded');
  const later = await open(address(build), { bypassCSP: true });
  const list = await open(slipway.url, { bypassCSP: true });
  for (const { page } of [live, later]) {
    const log = await logTextOf(page);
    expect(log).toContain(attack);
    expect(log).toContain('ared ␛]52;c;aGk=␇ nul␀nul <U+202E>rtl\n');
    expect((log.match(/x{100,}/g) ?? []).join('')).toHaveLength(100_000);
  }
  expect(await logTextOf(later.page)).toBe(await logTextOf(live.page));
  for (const { page, problems } of [live, later, list]) {
    expect(await textOf(page, 'body')).toContain('<script>window.hacked=1</script>"');
    expect(await textOf(page, 'body')).toContain(attack);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(await page.locator('img').count()).toBe(0);
    expect(problems).toEqual([]);
  }
});

test('the keyboard reaches every link, and shows where it is', async () => {
  const build = await push('keys', 'echo keys');
  const { page } = await open(address(build));
  await shows(page, 'succeeded');
  const wanted = [
    'Slipway',
    'acme/keys',
    'Why did it take so long?',
    '',
    'Raw',
    'Download',
    'checkout',
  ];
  while (wanted.length > 0) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus-visible');
    if ((await focused.textContent()) === wanted[0]) wanted.shift();
    const { style, width } = await focused.evaluate((link) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(link);
      return { style: outlineStyle, width: Number.parseFloat(outlineWidth) };
    });
    expect(style).toBe('solid');
    expect(width).toBeGreaterThanOrEqual(2);
  }
});

test('a build that is not there and one that is private get the same page', async () => {
  const build = await push('private', 'true', { private: true });
  const unknown = await open(`${slipway.url}/builds/${crypto.randomUUID()}`);
  const secret = await open(address(build));
  expect(unknown.answer?.status()).toBe(404);
  expect(secret.answer?.status()).toBe(404);
  expect(await textOf(unknown.page, 'h1')).toBe('Not found');
  expect(await secret.page.content()).toBe(await unknown.page.content());
  const headers = [unknown, secret].map(({ answer }) => ({ ...answer?.headers(), date: '' }));
  expect(headers[0]).toEqual(headers[1]);
  expect(headers[0]).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  });
});
