import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createGate } from '../../app/access.ts';
import type { Forge } from '../../app/forge.ts';
import { gitHubForge } from '../../app/github/github-forge.ts';
import type { Tokens } from '../../app/github/oauth.ts';
import { sharedRepositories } from '../../app/github/shared-repositories.ts';
import { createLogFeeds } from '../../app/log/log-feeds.ts';
import { createMetrics } from '../../app/metrics.ts';
import { myRepositories } from '../../app/my-repositories.ts';
import { beginSession, endSession, findSession } from '../../app/sign-in/session.ts';
import type { SignIn } from '../../app/sign-in/sign-in.ts';
import { createWeb } from '../../app/web.ts';
import { startRedis } from '../../bin/embedded/redis.ts';
import { changeBuild, createBuild, type Store } from '../../queue/build-store.ts';
import { webConfig } from '../../queue/config.ts';
import { keysUnder } from '../../queue/keys.ts';
import { closeQueues, openQueues, type Queues } from '../../queue/queues.ts';
import { saveRepository } from '../../queue/repositories.ts';
import { sessionHash, sessionLifetime } from '../../queue/sessions.ts';
import { probotFor } from '../github/client.ts';
import { type GitHub, startGitHub } from '../github/github.ts';
import { newBuild } from '../queue/new-build.ts';
import { readEvents } from '../system/read-events.ts';
import { until } from '../system/until.ts';

jest.setTimeout(60_000);

let folder: string;
let server: Awaited<ReturnType<typeof startRedis>>;
let github: GitHub;
let store: Store;
let queues: Queues;
let forge: Forge;
let signIn: SignIn;
let web: ServerType;
const log = pino({ level: 'silent' });

/** Short, so that a test sees what five minutes and one would show. */
const recheckInterval = 200;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-rights-'));
  [server, github] = await Promise.all([
    startRedis({ folder: join(folder, 'redis') }),
    startGitHub({ webhookSecret: 'secret' }),
  ]);
  store = { redis: new Redis(server.url), keys: keysUnder('slipway') };
  queues = openQueues(store.redis, store.keys);
  const { github: config } = webConfig({
    ...{ REDIS_URL: server.url, REGISTRY: 'localhost:5000', WEBHOOK_SECRET: 'secret' },
    ...{ APP_ID: String(github.appId), PRIVATE_KEY: github.privateKey },
    ...{ GHE_HOST: github.host, GHE_PROTOCOL: 'http' },
  });
  forge = gitHubForge(await probotFor(github), config!, { publicBuilds: true });
  const { clientId, clientSecret, url } = github;
  const app = { webUrl: url, apiUrl: `${url}/api/v3`, clientId, clientSecret };
  signIn = { store, app, publicUrl: 'http://127.0.0.1', log };
  const { publicUrl } = signIn;
  const routes = createWeb(
    {
      ...{ store, queues, log, publicUrl, signIn, recheckInterval, recovery: null },
      ...{ archive: { folder }, feeds: createLogFeeds(store), setUpPath: null },
      ...{ gate: createGate(store, forge, 50), metrics: createMetrics(new Registry()) },
      planner: { store, queues, forge, publicUrl, registry: 'localhost:5000', namespaces: [] },
      ...{ isRedisFit: () => true, stopping: new AbortController().signal },
    },
    () => {},
  );
  web = serve({ fetch: routes.fetch, port: 0, hostname: '127.0.0.1' });
  await once(web, 'listening');
});
afterAll(async () => {
  web.close();
  await closeQueues(queues);
  store.redis.disconnect();
  await Promise.all([server.stop(), github.close()]);
  await rm(folder, { recursive: true, force: true });
  expect(github.violations).toEqual([]);
});

/** A repository that Slipway knows. */
async function known(owner: string, name: string, isPrivate = true) {
  const { id } = await github.createRepository(owner, name, { private: isPrivate });
  const { repository } = newBuild();
  const stored = { ...repository, id, fullName: `${owner}/${name}`, private: isPrivate };
  await saveRepository(store, stored);
  return stored;
}

const asked = (path: string) => github.requests.filter((one) => one.path === path).length;

test('those who ask the same at once share one answer, and of what is public nobody asks', async () => {
  const gate = createGate(store, forge);
  const secret = await known('acme', 'secret');
  const open = await known('acme', 'open', false);
  const { token } = github.user('rita', { access: { 'acme/secret': 'read' } });
  const all = Array.from({ length: 30 }, () => gate.mayRead(token, { repository: secret }));
  expect(new Set(await Promise.all(all))).toEqual(new Set([true]));
  expect(await gate.mayRead(token, { repository: open })).toBe(true);
  expect([asked('/repos/acme/secret'), asked('/repos/acme/open')]).toEqual([1, 0]);
  await gate.accessNow(token, { repository: secret });
  await gate.accessNow(token, { repository: secret });
  expect(asked('/repos/acme/secret')).toBe(3);
});

test('a refusal for too many questions is no answer, and is not remembered', async () => {
  const gate = createGate(store, forge);
  const repository = await known('acme', 'limited');
  const { token } = github.user('rita', { access: { 'acme/limited': 'read' } });
  const headers = { 'x-ratelimit-remaining': '0' };
  github.fault({ match: 'GET /repos/acme/limited', times: 1, status: 403, headers });
  await expect(gate.mayRead(token, { repository })).rejects.toThrow('GitHub answered 403');
  expect(await gate.mayRead(token, { repository })).toBe(true);
});

test('my repositories are those that GitHub lists as mine and Slipway knows', async () => {
  const gate = createGate(store, forge);
  const mine = await known('mine', 'secret');
  const open = await known('mine', 'open', false);
  const { token } = github.user('mia', {
    access: { 'mine/secret': 'read', 'mine/unheard': 'write' },
  });
  await github.createRepository('mine', 'unheard', { private: true });
  const names = async (token: string | null) =>
    (await myRepositories({ store, gate }, token)).map(({ fullName }) => fullName);
  expect(await Promise.all([names(token), names(token)])).toEqual([
    [mine.fullName],
    [mine.fullName],
  ]);
  expect(asked('/user/installations')).toBe(1);
  expect(await names('no-token')).toEqual([]);
  const strangers = await names(null);
  expect(strangers).toContain(open.fullName);
  expect(strangers).not.toContain(mine.fullName);
});

test('a list of several pages is read to its end, or as far as the budget goes', async () => {
  const names = ['many/a', 'many/b', 'many/c'];
  for (const name of names) await github.createRepository('many', name.slice(5), { private: true });
  const access = Object.fromEntries(names.map((name) => [name, 'read' as const]));
  const { token } = github.user('max', { access });
  const found = async (limits: { perPage: number; mostCalls: number }) =>
    (await sharedRepositories(signIn.app.apiUrl, token, limits)).size;
  expect(await found({ perPage: 1, mostCalls: 50 })).toBe(3);
  expect(await found({ perPage: 2, mostCalls: 50 })).toBe(3);
  expect(await found({ perPage: 1, mostCalls: 3 })).toBe(2);
});

/** A running build of a private repository that somebody may read, and their session. */
async function followed(name: string) {
  const repository = await known('acme', name);
  const build = { ...newBuild(), repo: repository.fullName, repository };
  await createBuild(store, build);
  await changeBuild(store, build.id, { to: 'running', countUp: ['attempt', 'fence'] });
  const { token, refreshToken } = github.user(name, { access: { [`acme/${name}`]: 'read' } });
  const begin = async (tokens: Tokens) => {
    const person = { login: name, name, avatarUrl: '' };
    return beginSession(signIn, person, tokens);
  };
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/api/builds/${build.id}`;
  /** Resolves once the stream has ended. */
  const follow = (headers: Record<string, string>) => {
    const stream = readEvents(`${url}/events`, null, () => false, headers);
    let hasEnded = false;
    const ended = stream.then(() => {
      hasEnded = true;
    });
    return { ended, hasEnded: () => hasEnded };
  };
  return { build, token, refreshToken, begin, follow };
}

test('a session opens by its own id and under its own client secret only', async () => {
  const person = { login: 'sue', name: 'Sue', avatarUrl: '' };
  const [one, other] = await Promise.all(
    ['one', 'other'].map((token) => beginSession(signIn, person, { token, expiry: null })),
  );
  const rotated = { ...signIn, app: { ...signIn.app, clientSecret: 'another' } };
  expect(await findSession(signIn, one!)).toMatchObject({ person, token: 'one' });
  expect(await findSession(rotated, one!)).toBeNull();
  const keyOf = (id: string) => store.keys.session(sessionHash(id));
  const foreign = await store.redis.hget(keyOf(other!), 'sealed');
  await store.redis.hset(keyOf(one!), 'sealed', foreign!);
  expect(await findSession(signIn, one!)).toBeNull();
});

test('a session lasts 30 days from its last use', async () => {
  const person = { login: 'sue', name: 'Sue', avatarUrl: '' };
  const id = await beginSession(signIn, person, { token: 'one', expiry: null });
  const key = store.keys.session(sessionHash(id));
  expect(await findSession(signIn, id)).toMatchObject({ isProlonged: false });
  await store.redis.pexpire(key, sessionLifetime - 2 * 3_600_000);
  expect(await findSession(signIn, id)).toMatchObject({ isProlonged: true });
  expect(await store.redis.pttl(key)).toBeGreaterThan(sessionLifetime - 60_000);
});

const cookieOf = (id: string) => ({ cookie: `__Host-slipway=${id}` });
const rechecks = (path: string, count: number) =>
  until('it was asked again', () => asked(path) >= count);

test('a stream goes on by a token that was refreshed meanwhile, and ends with the right', async () => {
  const { refreshToken, token, begin, follow } = await followed('rosa');
  // What remains beyond the five minutes in which it is refreshed.
  const at = Date.now() + 5 * 60_000 + 1_000;
  const id = await begin({ token, expiry: { at, refresh: refreshToken } });
  const { ended, hasEnded } = follow(cookieOf(id));
  await until('it was refreshed', () => asked('/login/oauth/access_token') === 1);
  await rechecks('/repos/acme/rosa', asked('/repos/acme/rosa') + 3);
  expect(hasEnded()).toBe(false);
  const heal = github.fault({ match: 'GET /repos/acme/rosa', status: 502 });
  await rechecks('/repos/acme/rosa', asked('/repos/acme/rosa') + 3);
  expect(hasEnded()).toBe(false);
  heal();
  github.user('rosa', { access: { 'acme/rosa': 'none' } });
  await ended;
  expect(asked('/login/oauth/access_token')).toBe(1);
});

test('a stream ends for whoever signed out, and for a program whose token has lost the right', async () => {
  const { token, begin, follow } = await followed('otto');
  const id = await begin({ token, expiry: null });
  const signedIn = follow(cookieOf(id));
  const program = follow({ authorization: `Bearer ${github.user('otto').token}` });
  await rechecks('/repos/acme/otto', 6);
  expect([signedIn.hasEnded(), program.hasEnded()]).toEqual([false, false]);
  await endSession(signIn, id);
  await signedIn.ended;
  expect(program.hasEnded()).toBe(false);
  github.user('otto', { access: { 'acme/otto': 'none' } });
  await program.ended;
});
