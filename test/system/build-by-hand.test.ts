import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startBrowser } from './browser.ts';
import { buildsOf, digestOf, ended, pushNew } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway();
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

const json = { 'content-type': 'application/json' };

async function ask(ref: unknown, access: 'read' | 'write' | 'none' = 'write') {
  const { token } = slipway.github.user(`hand-${access}`, { access: { 'acme/hand': access } });
  return fetch(`${slipway.url}/api/repos/acme/hand/builds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...json },
    body: JSON.stringify({ ref }),
  });
}

test('a branch, a tag or a commit is built because somebody asks who may write', async () => {
  const { repo, sha } = await pushNew(slipway, 'hand', 'true');
  const pushed = await ended(slipway, sha);
  const byBranch = await ask('main');
  expect(byBranch.status).toBe(201);
  const branch = (await byBranch.json()) as { id: string };
  expect(branch).toMatchObject({ ref: 'refs/heads/main', sha, tags: [sha, 'main', 'latest'] });
  expect(branch.id).not.toBe(pushed.id);
  await repo.tag('v1', sha, { annotated: true });
  expect(await (await ask('v1')).json()).toMatchObject({
    ref: 'refs/tags/v1',
    sha,
    tags: [sha, 'v1'],
  });
  expect(await (await ask(sha)).json()).toMatchObject({ ref: '', sha, tags: [sha] });
  expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded' });
  expect(await digestOf(String(pushed.image), sha)).not.toBeNull();
});

test('a repository that was never pushed to is looked up for who may write, and for nobody else', async () => {
  const { github } = slipway;
  const files = { Dockerfile: 'FROM slipway-test/base:1\n' };
  const repo = await github.createRepository('acme', 'unheard', { private: true });
  const sha = await repo.commit({ files, branch: 'main' });
  const bare = await github.createRepository('acme', 'uninstalled', { installed: false });
  await bare.commit({ files, branch: 'main' });
  const access = { 'acme/unheard': 'write', 'acme/uninstalled': 'write' } as const;
  const will = github.user('will', { access }).token;
  const rita = github.user('rita', { access: { 'acme/unheard': 'read' } }).token;
  const sam = github.user('sam', {}).token;
  const build = (name: string, token: string | null) =>
    fetch(`${slipway.url}/api/repos/acme/${name}/builds`, {
      method: 'POST',
      headers: { ...json, ...(token && { authorization: `Bearer ${token}` }) },
      body: '{"ref":"main"}',
    });
  const answers = [];
  for (const token of [null, sam, 'no-token', rita]) {
    answers.push((await build('unheard', token)).status);
  }
  expect(answers).toEqual([404, 404, 404, 403]);
  expect((await build('uninstalled', will)).status).toBe(404);
  const answer = await build('UNHEARD', will);
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({ repo: 'acme/unheard', sha, ref: 'refs/heads/main' });
  const headers = { authorization: `Bearer ${will}` };
  const done = await until('it has ended', async () => {
    const list = await fetch(`${slipway.url}/api/builds?sha=${sha}`, { headers });
    const [build] = ((await list.json()) as { builds: { finishedAt: string; state: string }[] })
      .builds;
    return build?.finishedAt ? build : undefined;
  });
  expect(done.state).toBe('succeeded');
});

test('the repository’s page builds by a form, without JavaScript, for who may write', async () => {
  const { sha } = await pushNew(slipway, 'formed', 'true');
  await ended(slipway, sha);
  const { token } = slipway.github.user('fay', { access: { 'acme/formed': 'write' } });
  const reader = slipway.github.user('rita', { access: { 'acme/formed': 'read' } });
  const browser = await startBrowser();
  try {
    const open = async (bearer: string) => {
      const extraHTTPHeaders = { authorization: `Bearer ${bearer}` };
      const context = await browser.newContext({ javaScriptEnabled: false, extraHTTPHeaders });
      const page = await context.newPage();
      await page.goto(`${slipway.url}/acme/formed`);
      return page;
    };
    expect(await (await open(reader.token)).locator('form[method=post]').count()).toBe(0);
    const page = await open(token);
    await page.getByLabel('Branch, tag or commit').fill('main');
    await page.getByRole('button', { name: 'Build' }).click();
    await page.waitForURL(/\/builds\/b[0-9a-f]{23}$/);
    expect(await page.locator('#facts').textContent()).toContain(sha);
    const builds = await buildsOf(slipway, sha);
    expect(builds).toHaveLength(2);
    expect(page.url()).toBe(builds[0]?.url);
    await page.goto(`${slipway.url}/acme/formed`);
    await page.getByLabel('Branch, tag or commit').fill('<b>none</b>');
    await page.getByRole('button', { name: 'Build' }).click();
    expect(await page.locator('main').textContent()).toContain(
      'There is no branch, tag or commit <b>none</b>, or ',
    );
    await page.getByRole('link', { name: 'Back to the form' }).click();
    expect(page.url()).toBe(`${slipway.url}/acme/formed`);
    await page.getByLabel('Branch, tag or commit').fill(sha.slice(0, 8));
    await page.getByRole('button', { name: 'Build' }).click();
    await page.waitForURL(/\/builds\/b[0-9a-f]{23}$/);
    expect((await buildsOf(slipway, sha))[0]).toMatchObject({ ref: '', sha });
  } finally {
    await browser.close();
  }
});

test('a page of another site cannot build, whatever the browser may', async () => {
  const { sha } = await pushNew(slipway, 'forged', 'true');
  await ended(slipway, sha);
  const { token } = slipway.github.user('fay', { access: { 'acme/forged': 'write' } });
  const post = async (path: string, headers: Record<string, string>, body: string) => {
    const authorization = `Bearer ${token}`;
    const options = { method: 'POST', headers: { authorization, ...headers }, body };
    return (await fetch(`${slipway.url}${path}`, { ...options, redirect: 'manual' })).status;
  };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const others: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: slipway.url },
  ];
  for (const headers of others) {
    expect(await post('/acme/forged/builds', { ...form, ...headers }, 'ref=main')).toBe(403);
    expect(await post('/api/repos/acme/forged/builds', headers, '{"ref":"main"}')).toBe(403);
  }
  expect(await buildsOf(slipway, sha)).toHaveLength(1);
  const own = { ...form, origin: slipway.url };
  expect(await post('/acme/forged/builds', own, 'ref=main')).toBe(303);
  expect(await post('/acme/forged/builds', own, 'ref=')).toBe(400);
  expect(await buildsOf(slipway, sha)).toHaveLength(2);
});

test('whoever may not write may not build, and a stranger learns nothing', async () => {
  expect((await ask('main', 'read')).status).toBe(403);
  expect((await ask('no-such-branch')).status).toBe(404);
  expect((await ask(7)).status).toBe(400);
  expect((await ask('--upload-pack=x')).status).toBe(404);
  await slipway.github.createRepository('acme', 'secret', { private: true });
  const answers = await Promise.all(
    ['secret', 'missing'].map(async (name) => {
      const answer = await fetch(`${slipway.url}/api/repos/acme/${name}/builds`, {
        method: 'POST',
        headers: json,
        body: '{"ref":"main"}',
      });
      return [answer.status, (await answer.text()).replace(name, '')];
    }),
  );
  expect(answers[0]?.[0]).toBe(404);
  expect(answers[0]).toEqual(answers[1]);
});
