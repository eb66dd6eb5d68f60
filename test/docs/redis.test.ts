import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import { queueNames } from '../../queue/queues.ts';
import { completed, ended, pushNew } from '../system/builds.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';

jest.setTimeout(60_000);

const page = await readFile(new URL('../../../docs/redis.md', import.meta.url), 'utf8');
const [, table = ''] = page.split('## Every key');
const rows = [...table.matchAll(/^\| `({slipway}:[^`…]+)` \| (\w+) \|/gm)].map(
  ([, key = '', type = '']) => ({ key: key.replace(/<\w+>/g, '*'), type }),
);

let slipway: Slipway;
let redis: Redis;
beforeAll(async () => {
  slipway = await startSlipway();
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await slipway.stop();
});

test('the page has every key, and no other', () => {
  const { bull: _bullMqs, ...keys } = keysUnder('slipway');
  const names = Object.values(keys).map((key) =>
    // Whatever a key is made from stands for anything here.
    typeof key === 'string' ? key : (key as (...parts: string[]) => string)('*', '*'),
  );
  expect(rows.map(({ key }) => key).sort()).toEqual(names.sort());
});

test('what a build leaves in Redis is of the type that the page says', async () => {
  const { sha } = await pushNew(slipway, 'keys', 'echo keys');
  await completed(slipway, (await ended(slipway, sha)).id);
  const found = (await redis.keys('*')).filter(
    (key) => !queueNames.some((queue) => key.startsWith(`{slipway}:${queue}:`)),
  );
  expect(found.length).toBeGreaterThan(10);
  for (const key of found) {
    const type = await redis.type(key);
    // It was settled in the meantime.
    if (type === 'none') continue;
    // The longest is meant: `repo:*` is also the beginning of `repo:*:builds`.
    const row = rows
      .filter((each) => matches(each.key, key))
      .sort((a, b) => b.key.length - a.key.length)[0];
    expect({ key, type: row?.type }).toEqual({ key, type });
  }
});

const matches = (pattern: string, key: string): boolean => {
  const parts = pattern.split('*').map((part) => part.replace(/[{}.]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`).test(key);
};
