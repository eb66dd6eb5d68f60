import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type EmbeddedRedis, startRedis } from '../../bin/embedded/redis.ts';
import { isAlive } from '../../bin/embedded/stale.ts';

describe('an embedded Redis', () => {
  let folder: string;
  let redis: EmbeddedRedis;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-redis-'));
    redis = await startRedis({ folder });
  });

  afterEach(async () => {
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  test('is a database, not a cache', async () => {
    const [policy, file] = await ask(
      async (client) =>
        [
          await client.config('GET', 'maxmemory-policy'),
          await client.config('GET', 'appendonly'),
        ] as [string[], string[]],
    );
    expect(policy).toEqual(['maxmemory-policy', 'noeviction']);
    expect(file).toEqual(['appendonly', 'yes']);
  });

  test('loses nothing when it is killed, and comes back on the same port', async () => {
    await ask((client) => client.set('slipway', 'afloat'));
    redis.kill('SIGKILL');
    expect(await redis.process.ended).toBe('signal SIGKILL');
    redis = await startRedis({ folder, port: redis.port });
    expect(await ask((client) => client.get('slipway'))).toBe('afloat');
  });

  test('takes the place of one that an earlier run left behind', async () => {
    await ask((client) => client.set('slipway', 'afloat'));
    const left = redis.pid;
    redis = await startRedis({ folder });
    expect(redis.pid).not.toBe(left);
    expect(await isAlive(left)).toBe(false);
    expect(await ask((client) => client.get('slipway'))).toBe('afloat');
  });

  test('leaves alone whoever has the process id now', async () => {
    await redis.stop();
    await writeFile(join(folder, 'redis.pid'), `${process.ppid}\n`);
    redis = await startRedis({ folder });
    expect(await isAlive(process.ppid)).toBe(true);
  });

  test('does not take another server on its port for itself', async () => {
    const twice = startRedis({ folder: join(folder, 'other'), port: redis.port });
    await expect(twice).rejects.toThrow(`port ${redis.port} is taken`);
  });

  test('says why it could not start', async () => {
    const wrong = startRedis({ folder: join(folder, 'other'), args: ['--databases', 'many'] });
    await expect(wrong).rejects.toThrow(/redis-server ended at its start .*into an integer/is);
  });

  const ask = async <T>(question: (client: Redis) => Promise<T>): Promise<T> => {
    const client = new Redis(redis.url);
    try {
      return await question(client);
    } finally {
      client.disconnect();
    }
  };
});
