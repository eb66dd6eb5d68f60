import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { changeBuild, createBuild, type Store } from '../../../queue/build-store.ts';
import { keysUnder } from '../../../queue/keys.ts';
import { announceWorker } from '../../../queue/workers.ts';
import { attemptFolder, removeDeadFolders } from '../../../worker/disk/attempt-folders.ts';
import { newBuild } from '../../queue/new-build.ts';

const redis = new Redis(process.env.SLIPWAY_TEST_REDIS_URL ?? '');
const store: Store = { redis, keys: keysUnder(`test-folders-${process.pid}`) };
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'slipway-folders-'));
});
afterAll(async () => {
  await rm(dataDir, { recursive: true });
  await redis.quit();
});

/** The folder of an attempt, with something in it. */
async function folderOf(id: string, fence: number): Promise<string> {
  const folder = attemptFolder(dataDir, { id, fence });
  await mkdir(join(folder, 'home'), { recursive: true });
  await writeFile(join(folder, 'home/file'), Buffer.alloc(100_000, 1));
  return folder;
}

/** A build that a worker runs. */
async function running(worker: string): Promise<string> {
  const build = newBuild();
  await createBuild(store, build);
  await runs(build.id, worker);
  return build.id;
}

const runs = (id: string, worker: string) =>
  changeBuild(store, id, { to: 'running', countUp: ['attempt', 'fence'], set: { worker } });

const left = async () => (await readdir(join(dataDir, 'builds'))).sort();

test('a folder stays while its attempt lives, and goes once it is no longer its build’s', async () => {
  expect(await removeDeadFolders(store, dataDir)).toBe(0);
  const id = await running('killed');
  await folderOf(id, 1);
  expect(await removeDeadFolders(store, dataDir)).toBe(0);
  expect(await left()).toEqual([`${id}-1`]);

  await changeBuild(store, id, { to: 'queued', fence: 1 });
  await runs(id, 'another');
  await folderOf(id, 2);
  expect(await removeDeadFolders(store, dataDir)).toBeGreaterThanOrEqual(100_000);
  expect(await left()).toEqual([`${id}-2`]);

  await changeBuild(store, id, { to: 'failed', fence: 2 });
  expect(await removeDeadFolders(store, dataDir)).toBeGreaterThanOrEqual(100_000);
  expect(await left()).toEqual([]);
});

test('after the end it stays as long as the worker is there, which may be sharing layers', async () => {
  const id = await running('sharing');
  await folderOf(id, 1);
  await changeBuild(store, id, { to: 'succeeded', fence: 1 });
  const disk = { rooms: [], floor: 0, pruned: { cache: 0, images: 0, mirrors: 0, folders: 0 } };
  const said = { name: 'sharing', problem: null, engine: null, running: 0, concurrency: 1, disk };
  await announceWorker(store, said);
  expect(await removeDeadFolders(store, dataDir)).toBe(0);
  expect(await left()).toEqual([`${id}-1`]);
  await redis.del(store.keys.worker('sharing'));
  await removeDeadFolders(store, dataDir);
  expect(await left()).toEqual([]);
});

test('what is of no known build stays for a day, and what is no attempt’s for ever', async () => {
  const fresh = await folderOf('unknown', 1);
  const old = await folderOf('older', 7);
  const yesterday = new Date(Date.now() - 25 * 3_600_000);
  await utimes(old, yesterday, yesterday);
  const other = join(dataDir, 'builds', 'notes');
  await mkdir(other);
  await utimes(other, yesterday, yesterday);
  await removeDeadFolders(store, dataDir);
  expect(await left()).toEqual(['notes', 'unknown-1']);
  await rm(fresh, { recursive: true });
});
