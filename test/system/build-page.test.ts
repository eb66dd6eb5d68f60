import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startBrowser } from './browser.ts';
import { atStep, buildsOf, cancel, completed, dockerfile, ended, pushNew } from './builds.ts';
import { logTextOf } from './log-page.ts';
import { buildOfOurs } from './log-scene.ts';
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
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

/** A repository's name; a test that is tried twice cannot have the same again. */
const unusedName = () => `page-${randomUUID().slice(0, 8)}`;

/** Opens a build's page; whatever its console complains of, the policy's refusals too, is a problem. */
async function open(path: string, options: BrowserContextOptions = {}) {
  const page = await (await browser.newContext(options)).newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('dialog', (dialog) => {
    problems.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(`${slipway.url}/builds/${path}`);
  return { page, problems };
}

const asUser = (login: string, repo: string, access: 'read' | 'write') => {
  const { token } = slipway.github.user(login, { access: { [repo]: access } });
  return { extraHTTPHeaders: { authorization: `Bearer ${token}` } };
};

const shows = (page: Page, state: string) =>
  until(
    `the page shows ${state}`,
    async () => (await page.locator('#state').textContent()) === state,
  );

const iconOf = (page: Page) => page.locator('link[rel=icon]').getAttribute('href');

test('a failed build shows its sentence, the lines of the Dockerfile and the step that failed', async () => {
  const name = unusedName();
  const repo = await slipway.github.createRepository('acme', name);
  const noise = 'for i in $(seq 1 80); do echo "noise $i"; done';
  const text = `FROM slipway-test/base:1\nRUN true\nRUN ${noise}; \\\n    exit 3\nCMD ["<b>"]\n`;
  const sha = await repo.commit({ files: { Dockerfile: text }, message: 'fails' });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const { id, steps } = await ended(slipway, sha);
  const finishedAt = expect.any(String);
  expect(steps).toMatchObject([
    { name: 'checkout', finishedAt },
    { name: 'build', finishedAt },
  ]);
  expect((await completed(slipway, id)).summary).toMatch(/\| build \| failed after \d/);
  for (const javaScriptEnabled of [true, false]) {
    const { page, problems } = await open(id, { javaScriptEnabled });
    expect(await page.locator('#reason').textContent()).toContain('exit code 3');
    const marked = page.getByLabel('The lines that failed').locator('mark');
    expect(await marked.allTextContents()).toEqual([`RUN ${noise}; \\`, '    exit 3']);
    const excerpt = await page.getByLabel('The lines that failed').textContent();
    expect(excerpt).toBe(
      text
        .split('\n')
        .slice(0, 5)
        .map((line, i) => `${i + 1}${line}\n`)
        .join(''),
    );
    const source = page.getByRole('link', { name: 'Dockerfile, line 3' });
    expect(await source.getAttribute('href')).toMatch(`/acme/${name}/blob/${sha}/Dockerfile#L3-L4`);
    expect(
      await page
        .locator('#log details[open]')
        .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.step)),
    ).toEqual(['build']);
    expect(await page.locator('.line.error #failure').count()).toBe(1);
    expect(await iconOf(page)).toBe('/assets/icon-failed.svg');
    expect(await page.title()).toBe(`failed: acme/${name} / image ${sha.slice(0, 7)} · Slipway`);
    // What failed is at the top, and so is whoever comes; the log's end is a link away.
    expect(await page.evaluate(() => scrollY)).toBe(0);
    await page.getByRole('link', { name: 'To the error in the log' }).click();
    const isInView = (selector: string) =>
      page.locator(selector).evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      });
    await until('the error is in view', () => isInView('.line.error'));
    expect(new URL(page.url()).hash).toBe('#failure');
    expect(await isInView('.tools .state')).toBe(true);
    await page.getByRole('link', { name: 'To the top' }).click();
    await until('the sentence is in view', () => isInView('#reason'));
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    expect(problems).toEqual([]);
  }
});

test('a mistake in the rules file is shown with its lines, and what is wrong with each', async () => {
  const name = unusedName();
  const repo = await slipway.github.createRepository('acme', name);
  const rules = 'images:\n  - name: web\n    contxt: web\n    tags: 5\n';
  const files = { Dockerfile: 'FROM scratch\n', '.github/slipway.yml': rules };
  const sha = await repo.commit({ files, branch: 'main' });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const { id } = await ended(slipway, sha);
  const { page, problems } = await open(id);
  const shown = page.getByLabel('The lines that failed');
  expect(await shown.locator('mark').allTextContents()).toEqual([
    ...['    contxt: web', '    tags: 5'],
  ]);
  expect(await page.locator('#reason').textContent()).toMatch(/ There is 1 more mistake\.$/);
  expect(await page.locator('#log, #search, dd:empty').count()).toBe(0);
  const mistake = page.getByRole('listitem').filter({ hasText: 'contxt' });
  expect(await mistake.getByRole('link').getAttribute('href')).toMatch(
    `/acme/${name}/blob/${sha}/.github/slipway.yml#L3`,
  );
  expect(await page.locator('#failure').count()).toBe(0);
  expect(problems).toEqual([]);
});

test('who may write cancels and retries by buttons, without a script too; a reader may not', async () => {
  const name = unusedName();
  const { sha } = await pushNew(slipway, name, 'echo begun; sleep 600');
  const { id } = await atStep(slipway, sha, 'build');
  const reader = await open(id, asUser('rita', `acme/${name}`, 'read'));
  expect(await reader.page.getByRole('button', { name: 'Cancel' }).count()).toBe(0);
  const refused = await reader.page.request.post(`${slipway.url}/builds/${id}/cancel`);
  expect(refused.status()).toBe(403);
  expect(await refused.text()).toContain(`You need write access to acme/${name}.`);

  const writer = asUser('will', `acme/${name}`, 'write');
  const watching = await open(id, writer);
  const plain = await open(id, { ...writer, javaScriptEnabled: false });
  expect(await iconOf(watching.page)).toBe('/assets/icon-running.svg');
  await plain.page.getByRole('button', { name: 'Cancel' }).click();
  expect(plain.page.url()).toBe(`${slipway.url}/builds/${id}`);
  await shows(watching.page, 'cancelled');
  expect(await iconOf(watching.page)).toBe('/assets/icon-cancelled.svg');
  expect(await watching.page.title()).toContain(`cancelled: acme/${name}`);
  const sign = await fetch(`${slipway.url}/assets/icon-cancelled.svg`);
  expect(sign.headers.get('content-type')).toBe('image/svg+xml');
  expect(await sign.text()).toMatch(/^<svg /);
  await watching.page.getByRole('button', { name: 'Retry' }).click();
  await watching.page.waitForURL((url) => !url.pathname.endsWith(id));
  const retried = watching.page.url().split('/').at(-1) ?? '';
  const cause = watching.page.getByRole('link', { name: 'Retry of an earlier build' });
  expect(await cause.getAttribute('href')).toBe(`/builds/${id}`);
  await cancel(slipway, { id: retried, repo: `acme/${name}` });
  await shows(watching.page, 'cancelled');

  const form = watching.page.locator('form', { hasText: 'Rebuild without cache' });
  const key = await form.locator('[name=key]').inputValue();
  const twice = await Promise.all(
    [1, 2].map(() =>
      watching.page.request.post(`${slipway.url}/builds/${retried}/retry`, {
        ...{ form: { key, cache: 'false' }, maxRedirects: 0 },
      }),
    ),
  );
  expect(twice.map((answer) => answer.status())).toEqual([303, 303]);
  const builds = await buildsOf(slipway, sha);
  expect(builds).toHaveLength(3);
  expect(twice.map((answer) => answer.headers().location)).toEqual(
    [1, 2].map(() => `/builds/${builds[0]?.id}`),
  );
  await cancel(slipway, builds[0]!);
});

test('search looks through all of a log, and goes from find to find by keyboard', async () => {
  const scene = await buildOfOurs(slipway);
  const lines = Array.from({ length: 7_000 }, (_, i) =>
    i % 3_000 === 999 ? `a \u001b[31mNeed\u001b[0mle ${i}` : `hay ${i}`,
  );
  await scene.print(lines);
  await scene.end();
  const { page, problems } = await open(scene.id);
  const count = page.locator('#search-count');
  const hit = page.locator('.line.hit');
  await until('the whole log is there', async () => (await page.locator('#more').count()) === 0);
  await page.keyboard.press('/');
  await page.keyboard.type('needle');
  await until('it is found', async () => (await count.textContent()) === '1 of 3');
  expect(await hit.textContent()).toBe('a Needle 999\n');
  await page.keyboard.press('Shift+Enter');
  await until('it went around', async () => (await count.textContent()) === '3 of 3');
  expect(await hit.textContent()).toBe('a Needle 6999\n');
  expect(await hit.isVisible()).toBe(true);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await until('the second', async () => (await hit.textContent()) === 'a Needle 3999\n');
  await page.keyboard.press('Escape');
  await until('it is empty', async () => (await hit.count()) === 0);
  expect(await count.textContent()).toBe('');
  // Where it was found the keyboard goes on, and a new search begins anew.
  expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Line 4000');
  await page.keyboard.press('/');
  await page.keyboard.type('nowhere');
  await until('nothing is found', async () => (await count.textContent()) === 'none');
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  expect(await page.getByLabel('Search').inputValue()).toBe('');
  expect(problems).toEqual([]);
  scene.close();
});

test('lines and ranges have addresses, however far down', async () => {
  const scene = await buildOfOurs(slipway);
  await scene.print(Array.from({ length: 7_000 }, (_, i) => `line ${i + 1}`));
  await scene.end();
  const { page } = await open(`${scene.id}#L6800-L6802`);
  const chosen = page.locator('.line.chosen');
  await until('they are marked', async () => (await chosen.count()) === 3);
  expect((await chosen.allTextContents()).join('')).toBe('line 6800\nline 6801\nline 6802\n');
  expect(
    await page.locator('#L6800').evaluate((line) => {
      const { top, bottom } = line.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }),
  ).toBe(true);
  await page.getByLabel('Line 6805', { exact: true }).click();
  expect(new URL(page.url()).hash).toBe('#L6805');
  await page.getByLabel('Line 6803', { exact: true }).click({ modifiers: ['Shift'] });
  expect(new URL(page.url()).hash).toBe('#L6803-L6805');
  expect(await chosen.count()).toBe(3);

  const hash = () => new URL(page.url()).hash;
  await page.keyboard.press('/');
  await page.keyboard.type('#6000');
  await page.keyboard.press('Enter');
  expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Line 6000');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  expect(hash()).toBe('#L6000-L6002');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+Enter');
  expect(hash()).toBe('#L6000-L6004');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  expect(hash()).toBe('#L6003');
  await page.keyboard.press('End');
  expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Line 7000');
  expect(await page.locator('.line > a[tabindex="0"]').count()).toBe(1);

  const plain = await open(`${scene.id}?line=6800#L6800`, { javaScriptEnabled: false });
  expect(await plain.page.locator('.line').first().textContent()).toBe('line 6800\n');
  await plain.page.getByRole('link', { name: 'Earlier lines' }).click();
  expect(await plain.page.locator('.line').first().textContent()).toBe('line 5800\n');
  const led = await open(`${scene.id}?line=6800`);
  await led.page.waitForURL(/#L6800$/);
  const file = await fetch(`${scene.url}/log?download=1`);
  expect(file.headers.get('content-disposition')).toBe(
    'attachment; filename="acme-web-image-aaaaaaa.log"',
  );
  scene.close();
});

test('Follow keeps the end of a growing log in view until the reader scrolls up', async () => {
  const scene = await buildOfOurs(slipway);
  await scene.print(Array.from({ length: 200 }, (_, i) => `early ${i}`));
  const { page } = await open(scene.id);
  const toEnd = () =>
    page.evaluate(() => document.documentElement.scrollHeight - innerHeight - scrollY);
  const follow = page.getByRole('button', { name: 'Follow' });
  await scene.print(['unfollowed']);
  await until('it is there', async () => (await page.locator('#L201').count()) === 1);
  expect(await toEnd()).toBeGreaterThan(500);
  await follow.click();
  await scene.print(Array.from({ length: 300 }, (_, i) => `late ${i}`));
  await until('it is there', async () => (await page.locator('#L501').count()) === 1);
  await until('its end is in view', async () => (await toEnd()) < 5);
  await page.mouse.wheel(0, -600);
  await until('it lets go', async () => (await follow.getAttribute('aria-pressed')) === 'false');
  await scene.print(['the last']);
  await until('it is there', async () => (await page.locator('#L502').count()) === 1);
  expect(await toEnd()).toBeGreaterThan(300);
  await scene.print(['#7 [2/3] RUN make']);
  await until('it says what it does', async () =>
    /^beginning, \d+ s: \[2\/3\] RUN make$/.test(
      (await page.locator('#doing').textContent()) ?? '',
    ),
  );
  await scene.end();
  await until('there is nothing to follow', async () => (await follow.count()) === 0);
  expect(await page.getByText('It has ended: succeeded').isVisible()).toBe(true);
  await page.getByRole('link', { name: 'to the end of the log' }).click();
  await until('its end is in view', async () => (await toEnd()) < 100);
  scene.close();
});

test('a hostile log is shown, obeyed in its colours only, and breaks nothing', async () => {
  const scene = await buildOfOurs(slipway);
  const esc = '\u001b';
  const attacks = [
    '<script>alert(1)</script><img src=x onerror=alert(2)>"></div></details></main>',
    `${esc}[1;31mred ${esc}[48;5;21mground${esc}[0m plain`,
    `${esc}]8;;javascript:alert(3)${esc}\\click${esc}]8;;${esc}\\ ${esc}]52;c;aGk=\u0007`,
    `${esc}[2J${esc}[1;1H${esc}]0;title\u0007 nul\u0000 \u202ertl \ud800 lone`,
    'progress 1%\rprogress 100%',
    'x'.repeat(1_000_000),
    'the last',
  ];
  await scene.print(attacks.slice(0, 3));
  const { page, problems } = await open(scene.id);
  const title = await page.title();
  await scene.print(attacks.slice(3));
  await scene.end();
  await shows(page, 'succeeded');
  const later = await open(scene.id);
  const wanted = [
    attacks[0],
    'red ground plain',
    '␛]8;;javascript:alert(3)␛\\click␛]8;;␛\\ ␛]52;c;aGk=␇',
    '␛[2J␛[1;1H␛]0;title␇ nul␀ <U+202E>rtl <U+D800> lone',
    'progress 100%',
    attacks[5],
    'the last',
  ].join('\n');
  for (const one of [page, later.page]) {
    await until('the log is whole', async () => (await logTextOf(one)) === `${wanted}\n`);
    expect(await one.locator('.line .bold.in-red').textContent()).toBe('red ');
    expect(await one.locator('.line .on-blue').textContent()).toBe('ground');
    expect(await one.locator('img, main a[href^=javascript]').count()).toBe(0);
    expect(await one.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  }
  expect(await page.title()).toBe(title.replace('running', 'succeeded'));
  expect([...problems, ...later.problems]).toEqual([]);
  scene.close();
});

test('what missed the cache is told against the success before, on the page and on one of its own', async () => {
  const repo = await slipway.github.createRepository('acme', unusedName());
  const build = async (copied: string, last: string) => {
    const text = `${first.Dockerfile}COPY a.txt /\nRUN echo ${last}\n`;
    const sha = await repo.commit({ files: { Dockerfile: text, 'a.txt': copied }, branch: 'main' });
    await repo.push({ ref: 'refs/heads/main', after: sha });
    return ended(slipway, sha);
  };
  const first = dockerfile('true');
  await build('one', 'first');
  const before = await build('one', 'second');
  const { id } = await build('two', 'third');
  const { page, problems } = await open(id);
  await page.getByText('Why did it take so long?').click();
  const comparison = page.locator('#comparison');
  const told = async (): Promise<void> => {
    const text = await comparison.textContent();
    expect(text).toContain('The first instruction that missed the cache: [3/4] COPY a.txt /.');
    expect(await comparison.getByRole('link').getAttribute('href')).toBe(`/builds/${before.id}`);
    const copied = comparison.getByRole('row', { name: 'COPY a.txt' });
    expect(await copied.textContent()).toMatch(/ s, missed the cache(\+\d|0\.0 s)/);
    const run = comparison.getByRole('row', { name: '[2/4] RUN' });
    expect(await run.textContent()).toContain('from cache');
  };
  await until('it is compared', () => comparison.isVisible());
  await told();
  expect(problems).toEqual([]);
  await page.goto(`${slipway.url}/builds/${id}/slow`);
  await told();
});
