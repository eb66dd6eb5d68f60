import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Store } from '../../../queue/build-store.ts';
import { keysUnder } from '../../../queue/keys.ts';
import { notePulled, noteUsed, prunePulled } from '../../../worker/disk/pulled-images.ts';
import { baseImage } from '../../services/base-image.ts';
import { docker, removeImages, tryBuild, uniqueName } from '../engine/real-engine.ts';

const redis = new Redis(process.env.SLIPWAY_TEST_REDIS_URL ?? '');
const store: Store = { redis, keys: keysUnder(`test-pulled-${process.pid}`) };
const registry = process.env.SLIPWAY_TEST_REGISTRY;
const names: string[] = [];

beforeAll(() => redis.del(store.keys.pulledImages('engine')));
afterAll(async () => {
  await removeImages(names);
  await redis.quit();
});

/** An image of a megabyte that is in the registry and in the Engine. */
async function image(): Promise<string> {
  const name = `${registry}/pulled/${uniqueName('image')}:1`;
  names.push(name);
  const { error } = await tryBuild(
    `FROM ${baseImage}\nRUN : ${name}; head -c 1000000 /dev/urandom > /content\n`,
    { tag: name },
  );
  expect(error).toBeUndefined();
  const push = await docker.getImage(name).push({ authconfig: {} });
  await new Promise((resolve, reject) => {
    docker.modem.followProgress(push, (failed) => (failed ? reject(failed) : resolve(null)));
  });
  return name;
}

/** The same after Slipway has pulled it. */
async function pulled(): Promise<string> {
  const name = await image();
  await docker.getImage(name).remove();
  const pull = await docker.pull(name);
  await new Promise((resolve) => docker.modem.followProgress(pull, resolve));
  await notePulled(store, 'engine', docker, name);
  return name;
}

const prune = (bytes: number) => prunePulled(store, 'engine', docker, bytes);

const isThere = (name: string): Promise<boolean> =>
  docker
    .getImage(name)
    .inspect()
    .then(
      () => true,
      () => false,
    );

test('images that were pulled go by their last use, and no more of them than is wanted', async () => {
  const [first, second] = [await pulled(), await pulled()];
  await noteUsed(store, 'engine', docker, first);
  expect(await prune(1)).toBeGreaterThanOrEqual(1_000_000);
  expect([await isThere(first), await isThere(second)]).toEqual([true, false]);
  expect(await prune(10_000_000)).toBeGreaterThanOrEqual(1_000_000);
  expect(await isThere(first)).toBe(false);
  expect(await prune(10_000_000)).toBe(0);
});

test('other people’s images stay, and what became theirs', async () => {
  const theirs = await image();
  await noteUsed(store, 'engine', docker, theirs);
  const renamed = await pulled();
  const repo = uniqueName('kept');
  names.push(`${repo}:1`);
  await docker.getImage(renamed).tag({ repo, tag: '1' });
  const replaced = await pulled();
  await docker.getImage(replaced).remove();
  await docker.getImage(theirs).tag({ repo: replaced.replace(/:1$/, ''), tag: '1' });
  expect(await prune(10_000_000)).toBe(0);
  expect(await Promise.all([theirs, renamed, replaced].map(isThere))).toEqual([true, true, true]);
});

test('an image that a container uses stays until that is gone', async () => {
  const name = await pulled();
  const container = await docker.createContainer({ Image: name, Cmd: ['true'] });
  try {
    expect(await prune(10_000_000)).toBe(0);
    expect(await isThere(name)).toBe(true);
  } finally {
    await container.remove();
  }
  expect(await prune(10_000_000)).toBeGreaterThanOrEqual(1_000_000);
});
