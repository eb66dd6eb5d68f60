import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BuildFilter } from '../../queue/build-filter.ts';
import { listBuilds } from '../../queue/build-list.ts';
import { createBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { connectForWork } from '../../queue/redis.ts';
import { newBuild } from './new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
afterAll(() => redis.disconnect());

beforeAll(async () => {
  for (const [id, more] of Object.entries({
    web: { name: 'web', message: 'Fix the ÄRGER with [brackets]', author: 'Ada' },
    api: { name: 'api', message: 'm', author: 'Grace', ref: 'refs/heads/Feature-7' },
    file: { name: '', message: 'm', author: 'Ada', sha: 'c0ffee'.padEnd(40, '0') },
  })) {
    await createBuild(store, { ...newBuild(), ...more, id });
  }
});

const found = async (filter: BuildFilter): Promise<string[]> => {
  const { builds } = await listBuilds(store, filter, { limit: 10 }, async () => true);
  return builds.map(({ id }) => id);
};

test.each([
  [{ name: 'web' }, ['web']],
  [{ name: '' }, ['file']],
  [{ name: 'we' }, []],
  [{ text: 'ärger' }, ['web']],
  [{ text: '[BRACKETS]' }, ['web']],
  [{ text: 'ada' }, ['file', 'web']],
  [{ text: 'feature-7' }, ['api']],
  [{ text: 'C0FFEE' }, ['file']],
  [{ text: '.*' }, []],
  [{ text: 'ada', name: 'web' }, ['web']],
] as [BuildFilter, string[]][])('%j finds %j', async (filter, ids) => {
  expect(await found(filter)).toEqual(ids);
});
