import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type EmbeddedRedis, startRedis } from '../../bin/embedded/redis.ts';
import { createBuild, getBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { connectForCommands, connectForWork, type RedisConnection } from '../../queue/redis.ts';
import { newBuild } from './new-build.ts';

let folder: string;
let server: EmbeddedRedis;
let admin: Redis;
let work: RedisConnection;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-refusing-'));
  server = await startRedis({ folder });
  admin = new Redis(server.url);
  work = connectForWork(server.url, () => {});
});
afterEach(async () => {
  if (work.status !== 'end') work.disconnect();
  admin.disconnect();
  await server.stop();
  await rm(folder, { recursive: true });
});

const full = {
  begin: () => admin.config('SET', 'maxmemory', '1'),
  end: () => admin.config('SET', 'maxmemory', '0'),
};
const unsaved = {
  begin: async () => {
    await mkdir(join(folder, 'dump.rdb', 'in the way'), { recursive: true });
    await admin.config('SET', 'save', '3600 1');
    await admin.bgsave();
    while (!(await admin.info('persistence')).includes('rdb_last_bgsave_status:err')) {
      await sleep(20);
    }
  },
  end: () => admin.config('SET', 'save', ''),
};
const tooFewReplicas = {
  begin: () => admin.config('SET', 'min-replicas-to-write', '1'),
  end: () => admin.config('SET', 'min-replicas-to-write', '0'),
};
const replica = {
  begin: () => admin.call('REPLICAOF', '127.0.0.1', '1'),
  end: () => admin.call('REPLICAOF', 'NO', 'ONE'),
};

test.each([
  ['is full', full],
  ['cannot write to its disk', unsaved],
  ['has too few replicas', tooFewReplicas],
  ['is a replica', replica],
])('work waits while Redis %s, and is done once', async (_how, trouble) => {
  const store = { redis: work, keys: keysUnder('refused') };
  const build = newBuild();
  await trouble.begin();
  const settled: string[] = [];
  const written = createBuild(store, build).finally(() => settled.push('script'));
  const counted = work.incr(store.keys.seq).finally(() => settled.push('command'));
  await sleep(1_500);
  expect(settled).toEqual([]);
  await trouble.end();
  expect(await written).toBe(true);
  expect(await counted).toBeLessThanOrEqual(2);
  expect(await work.get(store.keys.seq)).toBe('2');
  expect(await getBuild(store, build.id)).toMatchObject({ state: 'queued' });
});

test('a refusal is told once, however much is refused', async () => {
  const told: string[] = [];
  const redis = connectForWork(server.url, ({ message }) => told.push(message));
  await full.begin();
  const written = Promise.all([redis.incr('one'), redis.incr('two')]);
  await expect(redis.multi().incr('three').exec()).rejects.toThrow('EXECABORT');
  await sleep(2_500);
  expect(told).toEqual([expect.stringMatching(/^it takes no writes \(OOM .*\); they wait until/)]);
  await full.end();
  expect(await written).toEqual([1, 1]);
  redis.disconnect();
});

test('whoever waits for an answer is told at once', async () => {
  const commands = connectForCommands(server.url, () => {});
  const store = { redis: commands, keys: keysUnder('refused') };
  await new Promise((resolve) => commands.once('ready', resolve));
  await full.begin();
  const begun = Date.now();
  await expect(createBuild(store, newBuild())).rejects.toThrow('OOM');
  expect(Date.now() - begun).toBeLessThan(1_000);
  commands.disconnect();
});

test('a command that is wrong in itself is not sent again, and none after the end', async () => {
  await work.set('text', 'x');
  await expect(work.incr('text')).rejects.toThrow('not an integer');
  await full.begin();
  const refused = work.set('text', 'y');
  await sleep(100);
  work.disconnect();
  await expect(refused).rejects.toThrow('Connection is closed');
});
