import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type Docker from 'dockerode';
import { Redis } from 'ioredis';
import { type EmbeddedEngine, startEngine } from '../../../bin/embedded/engine.ts';
import type { Store } from '../../../queue/build-store.ts';
import { keysUnder } from '../../../queue/keys.ts';
import { cacheSize, pruneCache } from '../../../worker/disk/build-cache.ts';
import { tidy } from '../../../worker/disk/prune.ts';
import { connectEngine } from '../../../worker/engine/connect.ts';
import { askEngine } from '../../../worker/engine/engine-facts.ts';
import { baseImage, importBaseImage } from '../../services/base-image.ts';
import { until } from '../../system/until.ts';

jest.setTimeout(120_000);

const folder = join(tmpdir(), `slipway-cache-${process.pid}`);
const million = 1_000_000;
const redis = new Redis(process.env.SLIPWAY_TEST_REDIS_URL ?? '');
const store: Store = { redis, keys: keysUnder(`test-cache-${process.pid}`) };
let engine: EmbeddedEngine;
let docker: Docker;

beforeAll(async () => {
  engine = await startEngine({ folder: join(folder, 'engine') });
  docker = connectEngine({ DOCKER_HOST: engine.host });
  await importBaseImage(docker, join(folder, 'base'));
});
afterAll(async () => {
  await redis.quit();
  await engine?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** `docker build` of one Dockerfile with BuildKit, as somebody else on the engine runs it. */
async function build(name: string, ...runs: string[]): Promise<string> {
  const dockerfile = [`FROM ${baseImage}`, ...runs.map((run) => `RUN ${run}`)].join('\n');
  const env = { PATH: process.env.PATH, DOCKER_BUILDKIT: '1', DOCKER_HOST: engine.host };
  const child = spawn('/usr/bin/docker', ['build', '--progress=plain', '--tag', name, '-'], {
    env,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  child.stdin.end(dockerfile);
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, said]).toEqual([0, expect.any(String)]);
  return said;
}

/** The same without leaving an image: its layers are then the cache's alone. */
async function buildOnly(name: string, run: string): Promise<string> {
  const said = await build(name, run);
  await docker.getImage(name).remove({ noprune: true });
  return said;
}

type CacheRecord = { Description: string; InUse: boolean };

const cached = async (words: string): Promise<CacheRecord | undefined> =>
  ((await docker.df()).BuildCache as CacheRecord[]).find(({ Description }) =>
    Description.includes(words),
  );

const fill = (name: string) => `head -c ${20 * million} /dev/urandom > /${name}`;

test('the cache is pruned down to what is kept, the least used of it first', async () => {
  for (const name of ['one', 'two', 'three']) await buildOnly(name, fill(name));
  expect(await buildOnly('one', fill('one'))).toContain('CACHED');
  const size = await cacheSize(docker);
  expect(size).toBeGreaterThanOrEqual(60 * million);
  expect(size).toBeLessThan(61 * million);

  const freed = await pruneCache(docker, size - 5 * million);
  expect(freed).toBeGreaterThanOrEqual(20 * million);
  expect(await cacheSize(docker)).toBe(size - freed);
  expect(await cached(fill('two'))).toBeUndefined();
  expect(await cached(fill('one'))).toBeDefined();
  expect(await cached(fill('three'))).toBeDefined();
  expect(await pruneCache(docker, size)).toBe(0);
});

test('the cache is kept within CACHE_LIMIT', async () => {
  const freed: [string, number][] = [];
  await tidy({
    ...{ store, docker, engine: askEngine(docker), measure: async () => [] },
    mirrors: { folder: join(folder, 'mirrors'), limit: 0, lock: () => Promise.reject() },
    config: { DATA_DIR: folder, DISK_FLOOR: 0, CACHE_LIMIT: 30 * million },
    onFreed: (...what) => freed.push(what),
  });
  expect(freed).toEqual([
    ['folders', 0],
    ['cache', expect.any(Number)],
  ]);
  expect(freed[1]?.[1]).toBeGreaterThanOrEqual(20 * million);
  expect(await cacheSize(docker)).toBeGreaterThanOrEqual(20 * million);
  expect(await cacheSize(docker)).toBeLessThan(30 * million);
});

test('what a running build uses stays, whatever is pruned, and the build ends well', async () => {
  const running = build('running:1', fill('running'), 'sleep 6; test -s /running');
  await until('its second step runs', async () => (await cached('sleep 6'))?.InUse);
  await pruneCache(docker, 0);
  await pruneCache(docker, -1);
  expect(await cached(fill('running'))).toMatchObject({ InUse: true });
  expect(await cached(fill('one'))).toBeUndefined();
  expect(await running).not.toContain('ERROR');
});

test('images of other people keep their layers, and are not counted', async () => {
  await build('somebodys:1', fill('somebodys'));
  expect(await cacheSize(docker)).toBeLessThan(million);
  await pruneCache(docker, 0);
  const { Size } = await docker.getImage('somebodys:1').inspect();
  expect(Size).toBeGreaterThan(20 * million);
  const tags = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  expect(tags).toEqual(expect.arrayContaining(['somebodys:1', 'running:1', baseImage]));
});
