import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { changeBuild, createBuild, getBuild, type StoredBuild } from '../../queue/build-store.ts';
import { doubtTags } from '../../queue/doubtful-tags.ts';
import { keysUnder } from '../../queue/keys.ts';
import { withLock } from '../../queue/lock.ts';
import { connectForWork } from '../../queue/redis.ts';
import { claimMove, tagOwner } from '../../queue/tag-owners.ts';
import { mendTags } from '../../worker/mend-tags.ts';
import { manifestDigest, putManifest } from '../../worker/registry/manifests.ts';
import { registryClient } from '../../worker/registry/registry-client.ts';
import { newBuild } from '../queue/new-build.ts';
import { type PlantedImage, plantImage } from './registry/plant-image.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
const registry = process.env.SLIPWAY_TEST_REGISTRY!;
const client = registryClient({ credentials: async () => ({}) });
const { signal } = new AbortController();
afterAll(() => redis.disconnect());

/** Two images of one repository, and a running build of the second that owns the tag `main`. */
async function scene() {
  const path = `mend-tags/${randomUUID()}`;
  const older = await plantImage(registry, path, 'older');
  const newer = await plantImage(registry, path, 'newer');
  const { image } = newer;
  const made = { ...newBuild(), image };
  const { id } = made;
  await createBuild(store, made);
  await changeBuild(store, id, { to: 'running', countUp: ['fence'] });
  const build = (await getBuild(store, id)) as StoredBuild;
  const isClaimed = await withLock(store, `tags:${image}`, signal, async (_, lock) =>
    claimMove(store, build, 'main', await tagOwner(store, image, 'main'), lock),
  );
  expect(isClaimed).toBe(true);
  const succeed = () => changeBuild(store, id, { to: 'succeeded', set: { digest: newer.digest } });
  const { digest } = older;
  await doubtTags(store, { image, tags: ['main'], digest });
  return { older, newer, image, succeed };
}

/** What the tag shows after it was put at an image, late, and looked at. */
async function shownAfter(image: string, late: PlantedImage): Promise<string | null> {
  await putManifest(client, image, 'main', late, signal);
  for (const member of await redis.zrange(store.keys.doubtfulTags, '0', '-1'))
    await redis.zadd(store.keys.doubtfulTags, 0, member);
  await mendTags({ store, dockerConfig: '/nowhere', env: {}, log: pino({ level: 'silent' }) });
  return manifestDigest(client, image, 'main', signal);
}

test('a tag that a late request turned back goes to its build again, as often as it happens', async () => {
  const { older, newer, image, succeed } = await scene();
  await succeed();
  expect(await shownAfter(image, older)).toBe(newer.digest);
  expect(await shownAfter(image, older)).toBe(newer.digest);
});

test('a tag that somebody else moved, or whose build is under way, is left alone', async () => {
  const { older, image, succeed } = await scene();
  expect(await shownAfter(image, older)).toBe(older.digest);
  await succeed();
  const strange = await plantImage(registry, image.slice(image.indexOf('/') + 1), 'strange');
  expect(await shownAfter(image, strange)).toBe(strange.digest);
});
