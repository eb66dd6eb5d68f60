import { afterAll, expect, jest, test } from '@jest/globals';
import type { Tokens } from '../../app/github/oauth.ts';
import { beginSession, endSession, findSession } from '../../app/sign-in/session.ts';
import { changeBuild, createBuild } from '../../queue/build-store.ts';
import { sessionHash, sessionLifetime } from '../../queue/sessions.ts';
import { newBuild } from '../queue/new-build.ts';
import { readEvents } from '../system/read-events.ts';
import { until } from '../system/until.ts';
import { startWebInProcess } from './web-in-process.ts';

jest.setTimeout(60_000);

/** Short, so that a test sees what five minutes and one would show. */
const web = await startWebInProcess({ recheckInterval: 200, remembered: 50 });
const { store, github, signIn, known, asked } = web;

afterAll(async () => {
  await web.stop();
  expect(github.violations).toEqual([]);
});

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
  /** Resolves once the stream has ended. */
  const follow = (headers: Record<string, string>) => {
    const stream = readEvents(
      `${web.url}/api/builds/${build.id}/events`,
      null,
      () => false,
      headers,
    );
    let hasEnded = false;
    const ended = stream.then(() => {
      hasEnded = true;
    });
    return { ended, hasEnded: () => hasEnded };
  };
  return { token, refreshToken, begin, follow };
}

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
  await rechecks('/repos/acme/rosa', asked('/repos/acme/rosa') + 1);
  expect(hasEnded()).toBe(false);
  heal();
  github.user('rosa', { access: { 'acme/rosa': 'none' } });
  await ended;
  expect(asked('/login/oauth/access_token')).toBe(1);
});

test('a stream ends when GitHub does not say three times who may read it', async () => {
  const { token, follow } = await followed('tom');
  const { ended, hasEnded } = follow({ authorization: `Bearer ${token}` });
  await rechecks('/repos/acme/tom', 3);
  expect(hasEnded()).toBe(false);
  const headers = { 'x-ratelimit-remaining': '0' };
  const heal = github.fault({ match: 'GET /repos/acme/tom', status: 403, headers });
  await ended;
  heal();
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
