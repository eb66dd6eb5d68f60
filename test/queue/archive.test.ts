import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Archive, archiveLog, readArchivedLines } from '../../queue/archive.ts';
import { changeBuild, createBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { appendLines } from '../../queue/live-log.ts';
import { connectForWork, type RedisConnection } from '../../queue/redis.ts';
import { newBuild } from './new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
let archive: Archive;
beforeAll(async () => {
  archive = { folder: await mkdtemp(join(tmpdir(), 'slipway-archive-')) };
});
afterAll(async () => {
  redis.disconnect();
  await rm(archive.folder, { recursive: true });
});

/** The same Redis, which stops before the second piece of a log is read until it may go on. */
const haltingRedis = (mayGoOn: Promise<unknown>): RedisConnection => {
  let pieces = 0;
  return new Proxy(redis, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (name !== 'xrange') return typeof value === 'function' ? value.bind(target) : value;
      return async (...args: Parameters<RedisConnection['xrange']>) => {
        pieces += 1;
        if (pieces === 2) await mayGoOn;
        return target.xrange(...args);
      };
    },
  });
};

test('an archiver that was overtaken in the middle leaves the other’s whole log alone', async () => {
  const build = newBuild();
  await createBuild(store, build);
  await changeBuild(store, build.id, { to: 'running', countUp: ['fence'] });
  const line = { at: 1, step: 'build', stream: 'stdout' } as const;
  const lines = Array.from({ length: 1_500 }, (_, index) => ({ ...line, text: `line ${index}` }));
  expect(await appendLines(store, build.id, 1, lines)).toBe(true);
  await changeBuild(store, build.id, { to: 'succeeded' });

  const overtaken = archiveLog(
    { ...store, redis: haltingRedis(archiveLog(store, archive, build.id)) },
    archive,
    build.id,
  );
  expect(await overtaken).toBe(false);
  const kept: string[] = [];
  for await (const { text } of readArchivedLines(archive, build.id, 0)) kept.push(text);
  expect(kept).toEqual(lines.map(({ text }) => text));
  const files = await readdir(archive.folder, { recursive: true, withFileTypes: true });
  expect(files.filter((entry) => entry.isFile())).toHaveLength(1);
});
