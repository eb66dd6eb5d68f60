import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type EmbeddedRedis, startRedis } from '../../bin/embedded/redis.ts';
import { checkRedis } from '../../queue/check-redis.ts';

let folder: string;
let server: EmbeddedRedis;
let admin: Redis;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-check-'));
  server = await startRedis({ folder });
  admin = new Redis(server.url);
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
  await rm(folder, { recursive: true });
});

const fit = { problem: null, warnings: [] };

test('a Redis that is a database passes', async () => {
  expect(await checkRedis(admin)).toEqual(fit);
});

test('one that forgets when it is full is refused, with the command that mends it', async () => {
  await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const { problem } = await checkRedis(admin);
  expect(problem).toContain('maxmemory-policy allkeys-lru');
  const command = /CONFIG SET (\S+) (\S+)/.exec(problem ?? '');
  await admin.config('SET', command?.[1] ?? '', command?.[2] ?? '');
  expect(await checkRedis(admin)).toEqual(fit);
});

test('one without an append-only file is warned of', async () => {
  await admin.config('SET', 'appendonly', 'no');
  const { problem, warnings } = await checkRedis(admin);
  expect(problem).toBeNull();
  expect(warnings).toEqual([expect.stringContaining('CONFIG SET appendonly yes')]);
  await admin.config('SET', 'appendonly', 'yes');
});

test.each([
  ['CONFIG', ['-config'], fit],
  [
    'CONFIG and INFO',
    ['-config', '-info'],
    { problem: null, warnings: [expect.stringContaining('does not let Slipway see its version')] },
  ],
])('one that refuses %s is asked in another way, or warned of', async (_what, rules, findings) => {
  await admin.call('ACL', 'SETUSER', 'limited', 'reset', 'on', '>pw', '~*', '+@all', ...rules);
  const limited = new Redis(server.port, { username: 'limited', password: 'pw' });
  expect(await checkRedis(limited)).toEqual(findings);
  limited.disconnect();
});

test('without CONFIG, INFO tells of a Redis that forgets and of one without a file', async () => {
  await admin.call('ACL', 'SETUSER', 'limited', 'reset', 'on', '>pw', '~*', '+@all', '-config');
  await admin.config('SET', 'maxmemory-policy', 'volatile-ttl');
  await admin.config('SET', 'appendonly', 'no');
  const limited = new Redis(server.port, { username: 'limited', password: 'pw' });
  expect(await checkRedis(limited)).toEqual({
    problem: expect.stringMatching(
      /maxmemory-policy volatile-ttl.* -p \d+ --user limited --askpass CONFIG SET/,
    ),
    warnings: [expect.stringContaining('appendonly no')],
  });
  limited.disconnect();
  await admin.config('SET', 'maxmemory-policy', 'noeviction');
  await admin.config('SET', 'appendonly', 'yes');
});
