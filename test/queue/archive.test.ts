import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Archive, archiveLog, readArchivedLines } from '../../queue/archive.ts';
import { changeBuild, createBuild, getBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { appendLines } from '../../queue/live-log.ts';
import { readLinesScript } from '../../queue/log-scripts.ts';
import { connectForWork, type RedisConnection } from '../../queue/redis.ts';
import { until } from '../system/until.ts';
import { newBuild } from './new-build.ts';

const redis = connectForWork(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const prefix = `test-${randomUUID()}`;
const store = { redis, keys: keysUnder(prefix) };
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
      if (name !== 'eval') return typeof value === 'function' ? value.bind(target) : value;
      return async (...args: Parameters<RedisConnection['eval']>) => {
        if (args[0] === readLinesScript) pieces += 1;
        if (args[0] === readLinesScript && pieces === 2) await mayGoOn;
        return target.eval(...args);
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

test('an archiver that is killed while it writes leaves the log where it is, and the next writes all', async () => {
  const build = newBuild();
  await createBuild(store, build);
  await changeBuild(store, build.id, { to: 'running', countUp: ['fence'] });
  const line = { at: 1, step: 'build', stream: 'stdout' } as const;
  const texts = Array.from({ length: 20_000 }, (_, index) => `${index} ${randomUUID().repeat(5)}`);
  expect(
    await appendLines(
      store,
      build.id,
      1,
      texts.map((text) => ({ ...line, text })),
    ),
  ).toBe(true);
  await changeBuild(store, build.id, { to: 'succeeded' });

  const program = `
    import { archiveLog } from ${JSON.stringify(new URL('../../queue/archive.js', import.meta.url))};
    import { keysUnder } from ${JSON.stringify(new URL('../../queue/keys.js', import.meta.url))};
    import { connectForWork } from ${JSON.stringify(new URL('../../queue/redis.js', import.meta.url))};
    const [url, folder, id, prefix] = process.argv.slice(1);
    const store = { redis: connectForWork(url, () => {}), keys: keysUnder(prefix) };
    await archiveLog(store, { folder }, id);
  `;
  const args = [process.env.SLIPWAY_TEST_REDIS_URL ?? '', archive.folder, build.id, prefix];
  const other = spawn(process.execPath, ['--input-type=module', '-e', program, ...args]);
  const filesOf = async () =>
    (await readdir(archive.folder, { recursive: true })).filter((name) => name.includes(build.id));
  await until('it has begun to write', async () => {
    const [name] = await filesOf();
    return name && (await stat(join(archive.folder, name))).size > 0;
  });
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect((await filesOf()).filter((name) => name.endsWith('.gz'))).toEqual([]);
  expect(await redis.exists(store.keys.log(build.id))).toBe(1);
  expect((await getBuild(store, build.id))?.archivedAt).toBeNull();

  expect(await archiveLog(store, archive, build.id)).toBe(true);
  const kept: string[] = [];
  for await (const { text } of readArchivedLines(archive, build.id, 0)) kept.push(text);
  expect(kept).toEqual(texts);
  expect(await redis.exists(store.keys.log(build.id))).toBe(0);
  expect(await filesOf()).toHaveLength(1);
});
