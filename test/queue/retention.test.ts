import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Archive, archiveLog } from '../../queue/archive.ts';
import type { BuildState } from '../../queue/build.ts';
import { countIn, listBuilds } from '../../queue/build-list.ts';
import {
  changeBuild,
  createBuild,
  getBuild,
  type NewBuild,
  type Store,
  settle,
} from '../../queue/build-store.ts';
import { forgetDeliveries } from '../../queue/deliveries.ts';
import { forgetBuilds, type KeptBuilds } from '../../queue/forget-builds.ts';
import { keysUnder } from '../../queue/keys.ts';
import { appendLines } from '../../queue/live-log.ts';
import { connectForWork } from '../../queue/redis.ts';
import { removeLogs } from '../../queue/remove-logs.ts';
import { saveRepository } from '../../queue/repositories.ts';
import { newBuild } from './new-build.ts';

const day = 24 * 3_600_000;
const ever = new AbortController().signal;
let store: Store;
let archive: Archive;
beforeEach(async () => {
  const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
  store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
  archive = { folder: await mkdtemp(join(tmpdir(), 'slipway-retention-')) };
  await saveRepository(store, newBuild().repository);
});
afterEach(async () => {
  store.redis.disconnect();
  await rm(archive.folder, { recursive: true });
});

/** Makes a build with a line in its log, and brings it to a state; all that is due is done. */
async function made(state: BuildState, more: Partial<NewBuild> = {}): Promise<string> {
  const build = { ...newBuild(), ...more };
  const { id } = build;
  await createBuild(store, build);
  if (state !== 'queued') await changeBuild(store, id, { to: 'running', countUp: ['fence'] });
  const line = { at: 1, step: 'build', stream: 'stdout', text: 'afloat' } as const;
  if (state !== 'queued') await appendLines(store, id, 1, [line]);
  if (!['queued', 'running'].includes(state)) {
    await changeBuild(store, id, { to: state });
    await archiveLog(store, archive, id);
  }
  await settle(store, 'dueReports', (await getBuild(store, id))!);
  await store.redis.zrem(store.keys.dueNotifications, id);
  return id;
}

const forget = (kept: Partial<KeptBuilds>) =>
  forgetBuilds(store, archive, { count: 1_000, age: 365 * day, ...kept }, ever);

async function kept(filter = {}): Promise<string[]> {
  const { builds } = await listBuilds(store, filter, { limit: 100 }, async () => true);
  return builds.map(({ id }) => id).reverse();
}

async function logFiles(): Promise<string[]> {
  const all = await readdir(archive.folder, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map(({ name }) => name.replace(/\.ndjson\.gz$/, ''));
}

async function ageOf(id: string, age: number): Promise<void> {
  const createdAt = JSON.stringify(new Date(Date.now() - age).toISOString());
  await store.redis.hset(store.keys.build(id), { createdAt });
}

test('beyond their number the oldest builds go, out of every list, with their logs', async () => {
  const ids = [];
  for (let n = 0; n < 230; n += 1) ids.push(await made('failed'));
  const other = { ...newBuild().repository, id: 8, fullName: 'acme/other' };
  await saveRepository(store, other);
  const others = [await made('failed', { repository: other, repo: other.fullName })];

  expect(await forget({ count: 3 })).toBe(227);
  const stay = ids.slice(-3);
  expect(await kept()).toEqual([...stay, ...others]);
  expect(await kept({ repositoryId: 7 })).toEqual(stay);
  expect(await kept({ state: 'failed' })).toEqual([...stay, ...others]);
  expect(await countIn(store, 'failed')).toBe(4);
  expect(await getBuild(store, ids[0]!)).toBeNull();
  expect((await logFiles()).sort()).toEqual([...stay, ...others].sort());
  expect(await forget({ count: 3 })).toBe(0);
});

test('beyond their age builds go, whatever their number', async () => {
  const ids = [await made('failed'), await made('cancelled'), await made('failed')];
  await ageOf(ids[0]!, 9 * day);
  await ageOf(ids[1]!, 8 * day);
  await ageOf(ids[2]!, 6 * day);
  expect(await forget({ age: 7 * day })).toBe(2);
  expect(await kept()).toEqual(ids.slice(2));
});

test('what is still needed stays, however old and many', async () => {
  const stay = [
    await made('queued'),
    await made('running'),
    await made('succeeded', { name: 'tools' }),
  ];
  const go = [await made('succeeded'), await made('succeeded', { ref: 'refs/heads/side' })];
  const newest = await made('succeeded');
  const unreported = await made('failed');
  await changeBuild(store, unreported, { set: { reason: 'Changed.' } });
  await store.redis.zadd(store.keys.dueReports, Date.now(), unreported);
  const unarchived = newBuild();
  await createBuild(store, unarchived);
  await changeBuild(store, unarchived.id, { to: 'running' });
  await changeBuild(store, unarchived.id, { to: 'failed' });
  await settle(store, 'dueReports', (await getBuild(store, unarchived.id))!);
  await store.redis.zrem(store.keys.dueNotifications, unarchived.id);
  const untold = await made('failed');
  await store.redis.zadd(store.keys.dueNotifications, Date.now(), untold);
  stay.push(newest, unreported, unarchived.id, untold);
  for (const id of [...stay, ...go]) await ageOf(id, 400 * day);

  const twice = await Promise.all([forget({ count: 1 }), forget({ count: 1 })]);
  expect(twice[0]! + twice[1]!).toBe(2);
  expect(await kept()).toEqual(stay);
});

test('old logs go, and their records say so; so does what nobody needs between them', async () => {
  const [old = '', young = '', lost = ''] = [
    await made('failed'),
    await made('failed'),
    await made('failed'),
  ];
  await store.redis.del(store.keys.build(lost));
  const fileOf = (name: string) => join(archive.folder, name.slice(0, 2), name);
  const unfinished = fileOf(`${old}.ndjson.gz.${randomUUID()}`);
  await writeFile(unfinished, '');
  await writeFile(fileOf(`${old}.txt`), 'not ours');
  const then = new Date(Date.now() - 91 * day);
  const all = [`${old}.ndjson.gz`, `${lost}.ndjson.gz`, `${old}.txt`].map(fileOf);
  for (const file of [...all, unfinished]) await utimes(file, then, then);

  expect(await removeLogs(store, archive, 90 * day, ever)).toBe(3);
  expect((await logFiles()).sort()).toEqual([young, `${old}.txt`].sort());
  expect(await getBuild(store, old)).toMatchObject({ logRemovedAt: expect.any(String) });
  expect(await getBuild(store, young)).toMatchObject({ logRemovedAt: null });
  expect(await getBuild(store, lost)).toBeNull();
  expect(await removeLogs(store, archive, 90 * day, ever)).toBe(0);
  expect(await removeLogs(store, { folder: join(archive.folder, 'none') }, 0, ever)).toBe(0);
});

test('the oldest deliveries go beyond their number', async () => {
  const { redis, keys } = store;
  for (let n = 0; n < 1_203; n += 1) {
    await redis.hset(keys.delivery(`guid-${n}`), { event: 'push' });
    await redis.zadd(keys.deliveries, Date.now() + n, `guid-${n}`);
  }
  await redis.zadd(keys.deliveries, Date.now() - 9 * day, 'long-gone');
  expect(await forgetDeliveries(store, 3)).toBe(1_200);
  expect(await redis.zrange(keys.deliveries, '0', '-1')).toEqual([
    'guid-1200',
    'guid-1201',
    'guid-1202',
  ]);
  expect(await redis.exists(keys.delivery('guid-1199'))).toBe(0);
  expect(await redis.exists(keys.delivery('guid-1200'))).toBe(1);
});
