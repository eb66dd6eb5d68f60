import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { getBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { atStep, type BuildJson, buildsOf, cancel, ended, pushNew } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';

jest.setTimeout(90_000);

let slipway: Slipway;
let redis: Redis;

beforeAll(async () => {
  slipway = await startSlipway();
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

/** What the API answers to somebody with this access who asks for a build again. */
async function retry({ id, repo }: BuildJson, body?: string, access: 'read' | 'write' = 'write') {
  const { token } = slipway.github.user(`again-${access}`, { access: { [String(repo)]: access } });
  const answer = await fetch(`${slipway.url}/api/builds/${id}/retry`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, json: (await answer.json()) as BuildJson };
}

/** Whether a build may use caches, which is the worker's to know and not in the API. */
const cacheOf = async (id: string) =>
  (await getBuild({ redis, keys: keysUnder('slipway') }, id))?.recipe.cache;

test('a build is repeated with or without cache, whatever the one before had', async () => {
  const { sha } = await pushNew(slipway, 'retried', 'echo retried');
  let build = await ended(slipway, sha);
  for (const [body, cache] of [
    ['{"cache": false}', false],
    [undefined, true],
    ['{"cache":false}\n', false],
    ['{}', true],
    ['{"cache": true}', true],
  ] as const) {
    const { status, json } = await retry(build, body);
    expect(status).toBe(201);
    expect(json).toMatchObject({ retryOf: build.id, sha });
    expect(await cacheOf(json.id)).toBe(cache);
    build = await ended(slipway, sha);
    expect(build).toMatchObject({ id: json.id, state: 'succeeded' });
  }
});

test('any other body is a 400 that says why, and builds nothing', async () => {
  const { sha } = await pushNew(slipway, 'misread', 'echo misread');
  const build = await ended(slipway, sha);
  for (const [body, message] of [
    ['{"cache": "no"}', 'cache must be true or false, not "no".'],
    ['{"cache": null}', 'cache must be true or false, not null.'],
    ['{"cache": 0}', 'cache must be true or false, not 0.'],
    ['{"cahce": false}', '"cahce" is no field here; allowed is cache.'],
    ['[false]', 'The body must be an object such as {"cache":false}, not [false].'],
    ['false', 'The body must be an object such as {"cache":false}, not false.'],
    ['cache=false', 'The body must be JSON such as {"cache":false}.'],
  ]) {
    const { status, json } = await retry(build, body);
    expect({ status, ...json }).toEqual({ status: 400, error: { code: 'bad_request', message } });
  }
  expect((await retry(build, '{"cache": "no"}', 'read')).status).toBe(403);
  expect(await buildsOf(slipway, sha)).toHaveLength(1);
});

test('a build that runs is not repeated', async () => {
  const { sha } = await pushNew(slipway, 'runs', 'echo begun; sleep 600');
  const build = await atStep(slipway, sha, 'build');
  expect((await retry(build, '{"cache": false}')).status).toBe(409);
  expect(await buildsOf(slipway, sha)).toHaveLength(1);
  await cancel(slipway, build);
  await ended(slipway, sha);
});
