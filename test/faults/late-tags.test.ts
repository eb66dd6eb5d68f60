import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import { digestOf, dockerfile, ended, pushNew } from '../system/builds.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { type FaultyRegistry, startFaultyRegistry } from '../worker/engine/faulty-registry.ts';

jest.setTimeout(120_000);

const keys = keysUnder('slipway');
const behind = process.env.SLIPWAY_TEST_REGISTRY ?? '';
let slipway: Slipway;
let registry: FaultyRegistry;
/** What happens to the next request that gives the tag `main`. */
let next: ((incoming: IncomingMessage, outgoing: ServerResponse) => Promise<boolean>) | null = null;

beforeAll(async () => {
  registry = await startFaultyRegistry(behind, async (incoming, outgoing) => {
    const isTag = incoming.method === 'PUT' && incoming.url?.endsWith('/manifests/main');
    const act = isTag ? next : null;
    if (isTag) next = null;
    return act ? act(incoming, outgoing) : false;
  });
  slipway = await startSlipway({ env: { REGISTRY: registry.host } });
});
afterAll(async () => {
  await slipway.stop();
  await registry.stop();
});

test('a registry that needs 8 s to give a tag is waited for', async () => {
  next = () => sleep(8_000).then(() => false);
  const { sha } = await pushNew(slipway, 'slow', 'echo slow');
  const { id, state } = await ended(slipway, sha);
  expect([state, next]).toEqual(['succeeded', null]);
  const log = await (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();
  expect(log).not.toContain('did not take the tags');
});

test('a tag that a registry gives long after its 504, and after a newer push, is given back', async () => {
  let giveLate = async (): Promise<number> => 0;
  next = async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const headers = { 'content-type': String(incoming.headers['content-type']) };
    const request = { method: 'PUT', headers, body: Buffer.concat(chunks).toString() };
    giveLate = async () => (await fetch(`http://${behind}${incoming.url}`, request)).status;
    outgoing.writeHead(504).end();
    return true;
  };
  const { repo, sha } = await pushNew(slipway, 'late', 'echo older');
  const older = await ended(slipway, sha);
  const newerSha = await repo.commit({ files: dockerfile('echo newer'), branch: 'main' });
  await repo.push({ after: newerSha });
  const newer = await ended(slipway, newerSha);
  const image = String(newer.image);
  const shown = () => digestOf(image, 'main');
  expect(await shown()).toBe(newer.digest);

  expect(await giveLate()).toBe(201);
  expect(await shown()).toBe(older.digest);
  const redis = new Redis(slipway.redisUrl);
  const doubtful = await redis.zrange(keys.doubtfulTags, '0', '-1');
  expect(doubtful).toContainEqual(expect.stringContaining(`${image} main ${older.digest} `));
  // The minute is over sooner.
  for (const member of doubtful) await redis.zadd(keys.doubtfulTags, 0, member);
  redis.disconnect();
  await until('the tag shows the newer push', async () => (await shown()) === newer.digest);
});
