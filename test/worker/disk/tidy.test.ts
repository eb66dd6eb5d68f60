import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { changeBuild, createBuild, type Store } from '../../../queue/build-store.ts';
import { keysUnder } from '../../../queue/keys.ts';
import { tidy } from '../../../worker/disk/prune.ts';
import { askEngine } from '../../../worker/engine/engine-facts.ts';
import { newBuild } from '../../queue/new-build.ts';
import { baseImage } from '../../services/base-image.ts';
import { docker, uniqueName } from '../engine/real-engine.ts';

const redis = new Redis(process.env.SLIPWAY_TEST_REDIS_URL ?? '');
const store: Store = { redis, keys: keysUnder(`test-tidy-${randomUUID()}`) };
const containers: string[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-tidy-'));
});
afterAll(async () => {
  await Promise.allSettled(
    containers.map((name) => docker.getContainer(name).remove({ force: true })),
  );
  await redis.quit();
  await rm(folder, { recursive: true });
});

/** A container that a test of a build's first attempt runs, or with no fence what is no test. */
async function testOf(build: string, fence: object = { 'slipway.fence': '1' }): Promise<string> {
  const name = uniqueName('tidy');
  containers.push(name);
  const Labels = { 'slipway.build': build, ...fence };
  const made = { name, Image: baseImage, Cmd: ['sleep', '300'], Labels };
  await (await docker.createContainer(made)).start();
  return name;
}

async function running(): Promise<string> {
  const build = newBuild();
  await createBuild(store, build);
  await changeBuild(store, build.id, { to: 'running', countUp: ['fence'] });
  return build.id;
}

test('tests whose worker was lost go with the minute, those that run and those of others stay', async () => {
  const [going, cancelled, taken] = [await running(), await running(), await running()];
  const own = await testOf(going);
  const lost = [await testOf(cancelled), await testOf(taken)];
  const strange = await testOf(`b${randomUUID()}`);
  // As a stage's image whose layers are shared after the end.
  const shared = await testOf(cancelled, {});
  const finishedAt = new Date().toISOString();
  await changeBuild(store, cancelled, { to: 'cancelled', set: { finishedAt } });
  await changeBuild(store, taken, { to: 'queued' });
  await changeBuild(store, taken, { to: 'running', countUp: ['fence'] });

  await tidy({
    ...{ store, docker, engine: askEngine(docker), measure: async () => [] },
    mirrors: { folder: join(folder, 'mirrors'), limit: 0, lock: () => Promise.reject() },
    config: { DATA_DIR: folder, DISK_FLOOR: 0 },
    onFreed: () => {},
  });

  const there = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
  for (const name of [own, strange, shared]) expect(there).toContain(`/${name}`);
  for (const name of lost) expect(there).not.toContain(`/${name}`);
});
