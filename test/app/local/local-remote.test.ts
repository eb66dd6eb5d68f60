import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { Hono } from 'hono';
import { pino } from 'pino';
import { localRemote } from '../../../app/local/local-remote.ts';
import type { WebEnv } from '../../../app/routes/caller.ts';
import { keysUnder } from '../../../queue/keys.ts';
import { closeQueues, openQueues } from '../../../queue/queues.ts';
import { connectForCommands } from '../../../queue/redis.ts';
import type { Push } from '../../../queue/trigger.ts';

const redis = connectForCommands(process.env.SLIPWAY_TEST_REDIS_URL ?? '', () => {});
const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
const queues = openQueues(redis, store.keys);
let folder: string;
let server: ReturnType<typeof serve>;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-local-'));
  const web = new Hono<WebEnv>();
  const remote = { folder: join(folder, 'remotes'), url: 'http://127.0.0.1/git' };
  localRemote(remote, store, queues, pino({ level: 'silent' }))(web);
  server = serve({ fetch: web.fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/git/acme/pushed.git`;
  await git('init', '--quiet', '--initial-branch=main', folder);
});
afterAll(async () => {
  server.close();
  await closeQueues(queues);
  redis.disconnect();
  await rm(folder, { recursive: true });
});

const git = async (...args: string[]): Promise<string> =>
  (await execa('git', args, { cwd: folder })).stdout;

/** A new commit on what is checked out; answers its id. */
async function commit(): Promise<string> {
  const who = ['-c', 'user.name=me', '-c', 'user.email=me@localhost'];
  await git(...who, 'commit', '--quiet', '--allow-empty', '--message', randomUUID());
  return git('rev-parse', 'HEAD');
}

/** What came into the queue for one `git push`, by ref. */
async function pushed(...refs: string[]): Promise<Record<string, Partial<Push>>> {
  const known = new Set((await queues.pushes.getJobs()).map(({ id }) => id));
  await git('push', '--quiet', '--force', url, ...refs);
  const jobs = (await queues.pushes.getJobs()).filter(({ id }) => !known.has(id));
  return Object.fromEntries(
    jobs.map(({ data }) => {
      const { ref, before, after, forced } = data as Push;
      return [ref, { before, after, forced }];
    }),
  );
}

test('a push is forced when what the ref showed before is no ancestor of what it shows now', async () => {
  const none = '0'.repeat(40);
  const first = await commit();
  await git('tag', 'light');
  expect(await pushed('main', 'light')).toEqual({
    'refs/heads/main': { before: none, after: first, forced: false },
    'refs/tags/light': { before: none, after: first, forced: false },
  });
  await commit();
  const third = await commit();
  expect(await pushed('main')).toEqual({
    'refs/heads/main': { before: first, after: third, forced: false },
  });
  await git('reset', '--quiet', '--hard', first);
  const other = await commit();
  expect(await pushed('main', 'main:refs/heads/new', 'main:refs/tags/light')).toEqual({
    'refs/heads/main': { before: third, after: other, forced: true },
    'refs/heads/new': { before: none, after: other, forced: false },
    'refs/tags/light': { before: first, after: other, forced: false },
  });
  expect(await pushed(`${first}:refs/heads/main`)).toEqual({
    'refs/heads/main': { before: other, after: first, forced: true },
  });
});

test('commits come alone to whoever asks for them without their files', async () => {
  await writeFile(join(folder, 'file.txt'), 'content');
  await git('add', 'file.txt');
  const sha = await commit();
  await git('push', '--quiet', '--force', url, 'HEAD:refs/heads/with-file');
  const at = join(folder, 'commits-alone');
  await git('init', '--quiet', '--bare', at);
  await git('--git-dir', at, 'fetch', '--quiet', '--filter=tree:0', url, sha);
  const listing = await git('--git-dir', at, 'cat-file', '--batch-check', '--batch-all-objects');
  expect(listing).toContain(`${sha} commit`);
  expect(listing).not.toMatch(/ (tree|blob) /);
});

test('a push is told where its builds are, and a browser how to push', async () => {
  await commit();
  const said = async (...refs: string[]) =>
    (await execa('git', ['push', '--force', url, ...refs], { cwd: folder })).stderr;
  const page = url.replace('/git/acme/pushed.git', '/acme/pushed');
  expect(await said('HEAD:refs/heads/told')).toContain(
    `remote: Slipway shows its builds at ${page}`,
  );
  expect(await said(':refs/heads/told')).not.toContain('Slipway');
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain(`<pre>git push ${url} HEAD:main</pre>`);
  expect((await fetch(url.replace('pushed', 'never'))).status).toBe(404);
});
