import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { cancelBuild } from '../../app/cancel-build.ts';
import { changeBuild, createBuild, getBuild, type Store } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { closeQueues, openQueues } from '../../queue/queues.ts';
import { connectForWork } from '../../queue/redis.ts';
import { newBuild } from '../queue/new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store: Store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
const queues = openQueues(redis, store.keys);
afterAll(async () => {
  await closeQueues(queues);
  redis.disconnect();
});

test('a build that its worker hands back while it is being cancelled is cancelled', async () => {
  const build = newBuild();
  await createBuild(store, build);
  await changeBuild(store, build.id, { to: 'running' });
  // On one connection: it is found running, then handed back, then told to stop.
  const [isCancelled, handedBack] = await Promise.all([
    cancelBuild({ store, queues }, build.id, 'For a test.'),
    changeBuild(store, build.id, { to: 'queued' }),
  ]);
  expect(handedBack).toBe('ok');
  expect(isCancelled).toBe(true);
  expect(await getBuild(store, build.id)).toMatchObject({ state: 'cancelled' });
});
