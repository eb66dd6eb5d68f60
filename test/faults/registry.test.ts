import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Repository } from '../github/repository.ts';
import { type BuildJson, completed, digestOf, dockerfile, ended } from '../system/builds.ts';
import { type SlowRegistry, startSlowRegistry } from '../system/slow-registry.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { type FaultyRegistry, startFaultyRegistry } from '../worker/engine/faulty-registry.ts';
import { expectNothingLeft } from './aftermath.ts';
import {
  cutting,
  failing,
  failingTag,
  forgetting,
  guarded,
  type RegistryFault,
} from './registry-faults.ts';

jest.setTimeout(240_000);

const behind = process.env.SLIPWAY_TEST_REGISTRY ?? '';
/** What the worker logs in with at each registry that has a password. */
const passwords = new Map<string, string>();
let isOpen = false;
const isRight = (header: string) => isOpen || header === `Basic ${base64('worker:right')}`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Faults that pass, and what the build's log says of each. */
const passing: Record<string, [RegistryFault, RegExp]> = {
  'answers-500': [failing(500, 12_000), /digest: sha256:/],
  'answers-502': [failing(502, 12_000), /digest: sha256:/],
  'asks-to-wait': [failing(429, 4_000, { 'retry-after': '3' }), /the registry asks for 3 s/],
  'cuts-a-layer': [cutting(2), /digest: sha256:/],
  'loses-the-tag': [forgetting(), /is not there after a push of sha256:/],
  'names-another': [forgetting(`sha256:${'0'.repeat(64)}`), /is not there after a push of sha256:/],
  'refuses-a-tag': [failingTag('main', 502, 2), /did not take the tags/],
  'has-a-new-password': [
    guarded(isRight, () => logIn('has-a-new-password', 'right')),
    /did not take the push .*trying again in/,
  ],
};

/** Faults that stay, and what the check says of each. */
const lasting: Record<string, [RegistryFault, RegExp]> = {
  'knows-another-password': [
    guarded(isRight, async () => {}),
    /^127\.0\.0\.1:\d+ refused the image: .*the password has run out/,
  ],
  'is-away': [failing(503, Number.POSITIVE_INFINITY), /503/],
};

let folder: string;
let slipway: Slipway;
let slow: SlowRegistry;
const proxies = new Map<string, FaultyRegistry>();
const pushed = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  for (const [name, [fault]] of Object.entries({ ...passing, ...lasting }))
    proxies.set(name, await startFaultyRegistry(behind, fault));
  slow = await startSlowRegistry(behind, Number.POSITIVE_INFINITY);
  for (const name of ['has-a-new-password', 'knows-another-password']) await logIn(name, 'wrong');
  const env = {
    IMAGE_NAMESPACES: [...proxies.values(), slow].map(({ host }) => `${host}/acme`).join(','),
    DOCKER_CONFIG: folder,
    PUSH_TIMEOUT: '20s',
    CONCURRENCY: '12',
  };
  slipway = await startSlipway({ env });
  for (const name of proxies.keys()) {
    const repo = await slipway.github.createRepository('acme', name);
    const run = 'head -c 200000 /dev/urandom > /data';
    pushed.set(name, await push(repo, proxies.get(name)!.host, run));
  }
});
afterAll(async () => {
  await slipway.stop();
  await slow.stop();
  for (const proxy of proxies.values()) await proxy.stop();
  await rm(folder, { recursive: true });
});

/** Writes down with which password the worker goes to a registry, as `docker login` does. */
async function logIn(name: string, password: string): Promise<void> {
  passwords.set(proxies.get(name)!.host, password);
  const auths = [...passwords].map(([host, word]) => [host, { auth: base64(`worker:${word}`) }]);
  const file = join(folder, 'config.json');
  await writeFile(file, JSON.stringify({ auths: Object.fromEntries(auths) }));
}

/** Pushes a commit whose image goes to a registry. */
async function push(repo: Repository, host: string, run: string): Promise<string> {
  const rules = `images:\n  - image: ${host}/${repo.fullName}\n`;
  const files = { ...dockerfile(`${run}; echo has run`), '.github/slipway.yml': rules };
  const sha = await repo.commit({ files, branch: 'main', message: run });
  await repo.push({ after: sha });
  return sha;
}

const logOf = async ({ id }: BuildJson) =>
  (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();

/** Expects that a build ended so, having run once however often it was pushed. */
async function expectOneRun(sha: string, end: Record<string, unknown>): Promise<BuildJson> {
  const build = await ended(slipway, sha);
  expect(build).toMatchObject({ ...end, attempt: 1 });
  expect((await logOf(build)).match(/ \d+\.\d+ has run$/gm)).toHaveLength(1);
  return build;
}

test('a fault that passes is got over, and nothing is built again for it', async () => {
  const gotOver = async ([name, [, line]]: [string, [RegistryFault, RegExp]]) => {
    const sha = pushed.get(name)!;
    const build = await expectOneRun(sha, { state: 'succeeded', tags: [sha, 'main', 'latest'] });
    expect({ name, log: await logOf(build) }).toEqual({ name, log: expect.stringMatching(line) });
    expect((await completed(slipway, build.id)).conclusion).toBe('success');
    const { host } = proxies.get(name)!;
    const image = String(build.image).replace(host, behind);
    for (const tag of [sha, 'main', 'latest']) {
      expect([tag, await digestOf(image, tag)]).toEqual([tag, build.digest]);
    }
  };
  await Promise.all(Object.entries(passing).map(gotOver));
});

test('a fault that stays ends the build in the registry’s words, and nothing is built again', async () => {
  const isToldOf = async ([name, [, reason]]: [string, [RegistryFault, RegExp]]) => {
    const sha = pushed.get(name)!;
    const end = { state: 'errored', reason: expect.stringMatching(reason), digest: null };
    const build = await expectOneRun(sha, end);
    expect(await completed(slipway, build.id)).toMatchObject({
      conclusion: 'failure',
      title: expect.stringContaining(String(build.reason).slice(0, 40)),
    });
  };
  await Promise.all(Object.entries(lasting).map(isToldOf));
});

test('at 1 kB/s a small layer gets through, and a larger one has PUSH_TIMEOUT', async () => {
  const repo = await slipway.github.createRepository('acme', 'slow');
  await expectOneRun(await push(repo, slow.host, 'true'), { state: 'succeeded' });
  slow.rate = 1_000;
  const small = await push(repo, slow.host, 'head -c 2000 /dev/urandom > /small');
  await expectOneRun(small, { state: 'succeeded' });
  const large = await push(repo, slow.host, 'head -c 20000000 /dev/urandom > /large');
  await expectOneRun(large, {
    state: 'errored',
    reason: expect.stringMatching(/of the push (got through in|for) 20 s/),
  });
  slow.rate = Number.POSITIVE_INFINITY;
});

test('nothing is left of all that', async () => {
  isOpen = true;
  await expectNothingLeft(slipway);
});
