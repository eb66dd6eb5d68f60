import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { changeBuild, createBuild, getBuild, type StoredBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { type HeldLock, withLock } from '../../queue/lock.ts';
import { connectForWork } from '../../queue/redis.ts';
import { claimMove, tagOwner } from '../../queue/tag-owners.ts';
import { newBuild } from './new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
const { signal } = new AbortController();
afterAll(() => redis.disconnect());

/** A build that runs, of an image of its own. */
async function running(more: Partial<StoredBuild> = {}): Promise<StoredBuild> {
  const build = { ...newBuild(), image: `localhost/${randomUUID()}`, ...more };
  await createBuild(store, build);
  await changeBuild(store, build.id, { to: 'running', countUp: ['attempt', 'fence'] });
  return stored(build.id);
}

async function stored(id: string): Promise<StoredBuild> {
  const found = await getBuild(store, id);
  if (!found) throw new Error(`There is no build ${id}`);
  return found;
}

const locked = <T>({ image }: StoredBuild, work: (lock: HeldLock) => Promise<T>): Promise<T> =>
  withLock(store, `tags:${image}`, signal, (_, lock) => work(lock));
const shown = async ({ image }: StoredBuild) => (await tagOwner(store, image, 'latest')).owner;

/** Claims the tag as somebody who sees it now. */
const claimed = (build: StoredBuild, lock: HeldLock) =>
  tagOwner(store, build.image, 'latest').then((seen) =>
    claimMove(store, build, 'latest', seen, lock),
  );

test('a running build claims a new tag, and a later one takes it over', async () => {
  const first = await running({ sha: '1'.repeat(40), pushedAt: 7, forced: true });
  expect(await shown(first)).toBeNull();
  expect(await locked(first, (lock) => claimed(first, lock))).toBe(true);
  const { sha, pushedAt, seq, ref, forced } = first;
  expect(await shown(first)).toEqual({ sha, pushedAt, seq, ref, forced });
  const second = await running({ sha: '2'.repeat(40), image: first.image });
  expect(await locked(second, (lock) => claimed(second, lock))).toBe(true);
  expect(await shown(first)).toMatchObject({ sha: second.sha, seq: second.seq });
  expect((await tagOwner(store, first.image, 'main')).owner).toBeNull();
});

test('whoever lost the lock, to nobody or to another, claims nothing', async () => {
  const build = await running();
  const lost = await locked(build, async (lock) => lock);
  expect(await claimed(build, lost)).toBe(false);
  await locked(build, async () => expect(await claimed(build, lost)).toBe(false));
  expect(await shown(build)).toBeNull();
});

test('an attempt that another has followed claims nothing', async () => {
  const old = await running();
  await changeBuild(store, old.id, { to: 'queued' });
  await changeBuild(store, old.id, { to: 'running', countUp: ['attempt', 'fence'] });
  await locked(old, async (lock) => {
    expect(await claimed(old, lock)).toBe(false);
    expect(await shown(old)).toBeNull();
    expect(await claimed(await stored(old.id), lock)).toBe(true);
  });
});

test.each(['queued', 'succeeded', 'cancelled'] as const)(
  'a build that is %s claims nothing',
  async (state) => {
    const build = await running();
    await changeBuild(store, build.id, { to: state });
    await locked(build, async (lock) => expect(await claimed(build, lock)).toBe(false));
    expect(await shown(build)).toBeNull();
  },
);

test('a tag that was given to somebody else after it was seen stays theirs', async () => {
  const build = await running({ sha: '1'.repeat(40) });
  const other = await running({ sha: '2'.repeat(40), image: build.image });
  await locked(build, async (lock) => {
    const seen = await tagOwner(store, build.image, 'latest');
    expect(await claimed(other, lock)).toBe(true);
    expect(await claimMove(store, build, 'latest', seen, lock)).toBe(false);
    expect(await shown(build)).toMatchObject({ sha: other.sha });
  });
});
