import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, expect, test } from '@jest/globals';
import { followLog } from '../../../app/log/follow-log.ts';
import { createLogFeeds } from '../../../app/log/log-feeds.ts';
import { changeBuild, createBuild } from '../../../queue/build-store.ts';
import { keysUnder } from '../../../queue/keys.ts';
import { appendLines } from '../../../queue/live-log.ts';
import { connectForWork } from '../../../queue/redis.ts';
import { newBuild } from '../../queue/new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
afterAll(() => redis.disconnect());

test('a line that comes while the follower is busy with the record is not waited for', async () => {
  const build = newBuild();
  const { id } = build;
  await createBuild(store, build);
  await changeBuild(store, id, { to: 'running', countUp: ['fence'] });
  const feeds = createLogFeeds(store);
  const leaving = new AbortController();
  const deps = { store, feeds, archive: { folder: '/nowhere' } };
  const events = followLog(deps, id, 0, leaving.signal);
  expect((await events.next()).value).toMatchObject({ build: { id, state: 'running' } });
  const { feed, giveBack } = feeds.take(id);
  const seen = once(feed, 'change');
  await appendLines(store, id, 1, [{ at: 1, step: 'build', stream: 'stdout', text: 'meanwhile' }]);
  await seen;
  // Nothing else happens to the build: whoever waits for the next change waits for ever.
  expect((await events.next()).value).toMatchObject({ lines: [{ n: 1, text: 'meanwhile' }] });
  giveBack();
  leaving.abort();
  await events.return(undefined);
});
