import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { atStep, dockerfile, ended, pushNew } from '../system/builds.ts';
import { cutDeliveries } from '../system/cut-deliveries.ts';
import { end, type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { allBuilds, expectNothingLeft, settled } from './aftermath.ts';
import { bringIn } from './bring-in.ts';
import { holdGitHub } from './hold.ts';

jest.setTimeout(120_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway();
});
afterAll(() => slipway.stop());

const killWeb = () => end(slipway.processes.web, 'SIGKILL');

async function startWeb(): Promise<void> {
  slipway.processes.web = slipway.startWeb();
  await until('web is back', async () => (await fetch(`${slipway.url}/readyz`)).ok);
}

/** Expects one build of a commit, which went well, and that nothing is left of what went wrong. */
async function expectOneBuild(sha: string): Promise<void> {
  await ended(slipway, sha);
  const builds = (await settled(slipway, 1)).filter((build) => build.sha === sha);
  expect(builds).toMatchObject([{ state: 'succeeded', attempt: 1 }]);
  await expectNothingLeft(slipway);
}

test('web killed with a delivery in hand, before it answers', async () => {
  const { github } = slipway;
  const direct = github.webhookUrl;
  const cutter = await cutDeliveries(String(direct), () => ({ after: 'half', act: killWeb }));
  github.webhookUrl = cutter.url;
  const repo = await github.createRepository('acme', 'delivered');
  const sha = await repo.commit({ files: dockerfile('echo delivered') });
  const delivery = await repo.push({ after: sha });
  expect(delivery).toMatchObject({ statusCode: 0 });
  github.webhookUrl = direct;
  cutter.stop();
  await startWeb();
  await bringIn(slipway, delivery);
  await expectOneBuild(sha);
});

test('web killed in the middle of planning', async () => {
  const asked = holdGitHub(slipway, /^GET \/repos\/acme\/planned\/contents\//);
  const { sha } = await pushNew(slipway, 'planned', 'echo planned');
  await asked.reached;
  await killWeb();
  asked.release();
  await startWeb();
  await expectOneBuild(sha);
});

test('web killed after GitHub made a check, of which it never heard', async () => {
  slipway.github.fault({
    match: 'POST /repos/acme/reported/check-runs',
    ...{ times: 1, applied: true, drop: true },
  });
  const { repo, sha } = await pushNew(slipway, 'reported', 'sleep 2');
  await until('the check is there', () => slipway.github.checkRuns(repo, sha).length === 1);
  await killWeb();
  await startWeb();
  await expectOneBuild(sha);
});

test('web killed in the middle of archiving a log: it is whole, and no half of one stays', async () => {
  const { sha } = await pushNew(slipway, 'archived', 'seq 1 100000');
  const { id } = await atStep(slipway, sha, 'build');
  const logs = join(slipway.dataDir, 'logs');
  const filesOf = async () => {
    const all = await readdir(logs, { recursive: true }).catch(() => []);
    return all.filter((name) => name.includes(id));
  };
  const archived = [join(id.slice(0, 2), `${id}.ndjson.gz`)];
  while ((await filesOf()).length === 0) await turn();
  await killWeb();
  expect(await filesOf()).not.toEqual(archived);
  await startWeb();
  await until('the log is archived', async () => (await filesOf()).includes(archived[0]!));
  await expectOneBuild(sha);
  expect(await filesOf()).toEqual(archived);
  const log = await (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();
  const build = (await allBuilds(slipway)).find((one) => one.id === id);
  expect(log.trimEnd().split('\n')).toHaveLength(build?.lines ?? 0);
});

test('web told to stop while people read a log ends within seconds', async () => {
  const { sha } = await pushNew(slipway, 'read', 'sleep 4; echo done');
  const { id } = await atStep(slipway, sha, 'build');
  const readers = await Promise.all(
    [`${id}/events`, `${id}/events`, `${id}/log?follow=1`].map((path) =>
      fetch(`${slipway.url}/api/builds/${path}`),
    ),
  );
  const texts = readers.map((answer) => answer.text());
  const told = Date.now();
  expect(await end(slipway.processes.web, 'SIGTERM')).toBe(0);
  expect(Date.now() - told).toBeLessThan(10_000);
  // Each was ended, not cut off in the middle of an answer.
  const ends = await Promise.allSettled(texts);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  await startWeb();
  await expectOneBuild(sha);
});
