import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { freePort } from '../../bin/embedded/free-port.ts';
import { type GitHub, startGitHub } from '../github/github.ts';
import { startBrowser, violationsOf } from '../system/browser.ts';
import { until } from '../system/until.ts';
import { localEnvironment, runStart, type StartRun } from './npm-start.ts';

jest.setTimeout(120_000);

let folder: string;
let github: GitHub;
let browser: Browser;
let run: StartRun;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-set-up-'));
  github = await startGitHub({ webhookSecret: 'made-by-github' });
  browser = await startBrowser();
});
afterEach(async () => {
  await run.process.stop();
  await browser.close();
  await github.close();
  await rm(folder, { recursive: true });
});

test('from npm start without an App, in a browser, to a check on a pushed commit', async () => {
  const port = await freePort();
  const env = { ...localEnvironment(folder), PORT: String(port) };
  run = await runStart({ ...env, GHE_HOST: github.host, GHE_PROTOCOL: 'http' });
  await run.until('Ctrl-C stops it');
  const page = await browser.newPage();
  await page.goto(/http:\S+\/setup$/m.exec(run.output())?.[0] ?? '');
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Register the App' }).click();
  await page.getByRole('heading', { name: 'The GitHub App is registered' }).waitFor();
  const install = await page.getByRole('link', { name: 'Install the App' }).getAttribute('href');
  expect(install).toBe(`${github.url}/apps/slipway/installations/new`);
  await run.process.stop();

  run = await runStart(env);
  await run.until('Pushes to the repositories of the GitHub App are built.');
  const [manifest] = github.manifests;
  github.webhookUrl = (manifest!.hook_attributes as { url: string }).url;
  expect((await fetch(`http://localhost:${port}/setup`)).status).toBe(404);
  expect(await (await fetch(`http://localhost:${port}/`)).text()).not.toContain('/setup');
  const repo = await github.createRepository('acme', 'first');
  const sha = await repo.commit({
    files: { Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' },
    message: 'First',
  });
  await repo.push({ after: sha });
  const check = await until('the check is completed', () =>
    github.checkRuns(repo, sha).find(({ status }) => status === 'completed'),
  );
  expect(check.conclusion).toBe('success');
  expect(github.violations).toEqual([]);
});
