import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { type BuildState, moves, states } from '../../queue/build.ts';
import { changeBuild, createBuild, getBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { appendLines, readLiveLines } from '../../queue/live-log.ts';
import { connectForWork } from '../../queue/redis.ts';
import { newBuild } from './new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
afterAll(() => redis.disconnect());

const routes: Record<BuildState, BuildState[]> = {
  queued: [],
  running: ['running'],
  succeeded: ['running', 'succeeded'],
  failed: ['running', 'failed'],
  errored: ['running', 'errored'],
  cancelled: ['cancelled'],
};

for (const from of states) {
  for (const to of states) {
    const isAllowed = moves[from].includes(to);
    test(`${from} → ${to} is ${isAllowed ? 'made' : 'refused'}`, async () => {
      const build = newBuild();
      expect(await createBuild(store, build)).toBe(true);
      for (const state of routes[from]) await changeBuild(store, build.id, { to: state });
      const outcome = await changeBuild(store, build.id, { to, set: { reason: 'moved' } });
      expect(outcome).toEqual(isAllowed ? 'ok' : { refused: 'state', state: from });
      const after = await getBuild(store, build.id);
      expect(after?.state).toBe(isAllowed ? to : from);
      expect(after?.reason === 'moved').toBe(isAllowed);
    });
  }
}

test('a build is created once, and an older fence changes nothing and logs nothing', async () => {
  const build = newBuild();
  expect(await createBuild(store, build)).toBe(true);
  expect(await createBuild(store, build)).toBe(false);
  await changeBuild(store, build.id, { to: 'running', countUp: ['attempt', 'fence'] });
  await changeBuild(store, build.id, { to: 'queued', fence: 1 });
  await changeBuild(store, build.id, { to: 'running', countUp: ['attempt', 'fence'] });
  const late = await changeBuild(store, build.id, { to: 'failed', fence: 1 });
  expect(late).toEqual({ refused: 'fence' });
  const line = { at: 1, step: 'build' as const, stream: 'stdout' as const, text: 'x' };
  expect(await appendLines(store, build.id, 1, [line])).toBe(false);
  expect(await appendLines(store, build.id, 2, [line, line])).toBe(true);
  expect((await readLiveLines(store, build.id, 0, 10)).map(({ n }) => n)).toEqual([1, 2]);
  expect((await readLiveLines(store, build.id, 1, 10)).map(({ n }) => n)).toEqual([2]);
});
