import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import { Redis } from 'ioredis';
import { freePort } from '../../bin/embedded/free-port.ts';
import { type EmbeddedRedis, startRedis } from '../../bin/embedded/redis.ts';
import { dockerfile } from './builds.ts';
import { end, type Process, run } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

let folder: string;
let server: EmbeddedRedis;
let redis: Redis;
let web: Process;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-local-missed-'));
  server = await startRedis({ folder: join(folder, 'redis') });
  redis = new Redis(server.url);
  const port = await freePort();
  url = `http://localhost:${port}`;
  web = run('app', {
    PATH: process.env.PATH ?? '',
    ...{ LOCAL_REMOTE: 'true', REDIS_URL: server.url, REGISTRY: 'localhost:5000' },
    ...{ DATA_DIR: join(folder, 'data'), PORT: String(port), CATCH_UP_INTERVAL: '1s' },
  });
  await until('web is ready', async () => (await fetch(`${url}/readyz`)).ok);
  await git('init', '--quiet', '--initial-branch=main');
});
afterAll(async () => {
  await end(web, 'SIGKILL');
  redis.disconnect();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const git = (...args: string[]) => execa('git', args, { cwd: folder, reject: false });

/** A commit that has something to build, and differs from every other; answers its id. */
async function commit(message: string): Promise<string> {
  const [[path, content] = ['', '']] = Object.entries(dockerfile(`echo ${message}`));
  await writeFile(join(folder, path), String(content));
  await git('add', path);
  const who = ['-c', 'user.name=me', '-c', 'user.email=me@localhost'];
  await git(...who, 'commit', '--quiet', '--message', message);
  return (await git('rev-parse', 'HEAD')).stdout;
}

const remote = (name: string) => `${url}/git/me/${name}.git`;
const bare = (name: string) => join(folder, 'data', 'git', 'me', `${name}.git`);

async function refsBuilt(sha: string): Promise<string[]> {
  const answer = await fetch(`${url}/api/builds?sha=${sha}`);
  const { builds } = (await answer.json()) as { builds: { ref: string }[] };
  return builds.map(({ ref }) => ref).sort();
}

const built = (sha: string, ...refs: string[]) =>
  until(`${refs} are planned`, async () => (await refsBuilt(sha)).join() === refs.join(), 30_000);

test('a push is refused in words, and moves nothing, while Redis takes no writes', async () => {
  await commit('first');
  expect((await git('push', remote('full'), 'main')).exitCode).toBe(0);
  const sha = await commit('second');
  await redis.config('SET', 'maxmemory', '1');
  const refused = await git('push', remote('full'), 'main');
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toMatch(/No push can be taken now. Redis takes no writes \(OOM /);
  expect((await git('ls-remote', remote('full'), 'main')).stdout).not.toContain(sha);
  await redis.config('SET', 'maxmemory', '0');
  expect((await git('push', remote('full'), 'main')).exitCode).toBe(0);
  await built(sha, 'refs/heads/main');
});

test('a push that git took and that is not on record is found, in a new repository too', async () => {
  const first = await commit('recorded');
  await git('push', remote('missed'), 'main');
  await built(first, 'refs/heads/main');
  const second = await commit('unrecorded');
  // Past the web process, as if it had died before it could record it.
  await git('push', bare('missed'), 'main', 'main:refs/tags/v1');
  await built(second, 'refs/heads/main', 'refs/tags/v1');
  await git('init', '--quiet', '--bare', bare('unknown'));
  const third = await commit('unknown');
  await git('push', bare('unknown'), 'main');
  await built(third, 'refs/heads/main');
  expect(await refsBuilt(second)).toHaveLength(2);
});

test('what is swept by hand is compared as well', async () => {
  const first = await commit('by hand');
  await git('push', remote('by-hand'), 'main');
  await built(first, 'refs/heads/main');
  const answer = await fetch(`${url}/api/repos/me/by-hand/sweep`, { method: 'POST' });
  expect([answer.status, await answer.json()]).toMatchObject([202, {}]);
});

test('after Redis lost everything, what was pushed in the last hour is planned again', async () => {
  const old = await commit('old');
  await git('push', remote('flushed'), 'main:refs/heads/old');
  const sha = await commit('young');
  await git('push', remote('flushed'), 'main');
  await built(sha, 'refs/heads/main');
  const longAgo = Date.now() / 1_000 - 7_200;
  await utimes(join(bare('flushed'), 'refs/heads/old'), longAgo, longAgo);
  await redis.flushall();
  await built(sha, 'refs/heads/main');
  expect(await refsBuilt(old)).toEqual([]);
});
