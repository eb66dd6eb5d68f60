import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Browser } from 'playwright-core';
import { beginSession } from '../../app/sign-in/session.ts';
import { freePort } from '../../bin/embedded/free-port.ts';
import { keysUnder } from '../../queue/keys.ts';
import { startBrowser } from './browser.ts';
import { atCallback, signedIn, visit } from './sign-in.ts';
import { end, type Process, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

let slipway: Slipway;
let browser: Browser;
let redis: Redis;
const webs: Process[] = [];

beforeAll(async () => {
  const starting = startSlipway({ workers: 0, signIn: true });
  [slipway, browser] = await Promise.all([starting, startBrowser()]);
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  for (const web of webs) await end(web, 'SIGKILL');
  await browser.close();
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

/** A queued build of a private repository of `acme`, unless told that it is public. */
async function queued(name: string, isPrivate = true) {
  const repo = await slipway.github.createRepository('acme', name, { private: isPrivate });
  const sha = await repo.commit({ files: { Dockerfile: 'FROM scratch\n' } });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const check = await until('the build is there', () => slipway.github.checkRuns(repo, sha)[0]);
  return { id: check.externalId, repo };
}

/** Another web process of the same Slipway; answers its address. */
async function anotherWeb(env: Record<string, string> = {}): Promise<string> {
  const port = await freePort();
  webs.push(slipway.startWeb({ ...env, PORT: String(port) }));
  const url = `http://127.0.0.1:${port}`;
  await until('it is ready', async () => (await fetch(`${url}/readyz`)).ok);
  return url;
}

const asked = (method: string, path: string) =>
  slipway.github.requests.filter((one) => one.method === method && one.path.startsWith(path));

test('somebody signs in, sees a private build where they were, and signs out for good', async () => {
  const { id } = await queued('mine');
  slipway.github.user('alice', { access: { 'acme/mine': 'read' } });
  slipway.github.signInAs('alice');
  const context = await browser.newContext();
  const page = await context.newPage();
  expect((await page.goto(`${slipway.url}/builds/${id}`))?.status()).toBe(404);
  await page.locator('main').getByRole('link', { name: 'sign in' }).click();
  await page.waitForURL(`${slipway.url}/builds/${id}`);
  const header = await page.locator('header').textContent();
  expect(header).toContain('acme/mine');
  expect(header).toContain('Signed in as alice');
  const cookies = await context.cookies();
  expect(cookies).toMatchObject([
    { name: '__Host-slipway', secure: true, httpOnly: true, sameSite: 'Lax', path: '/' },
  ]);
  const [session] = cookies;
  const days = ((session?.expires ?? 0) - Date.now() / 1_000) / 86_400;
  expect(Math.round(days)).toBe(30);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${slipway.url}/`);
  await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
  expect(await context.cookies()).toEqual([]);
  expect((await page.goto(`${slipway.url}/builds/${id}`))?.status()).toBe(404);
  const [key] = await redis.keys('{slipway}:session:*');
  expect(key).toBeUndefined();
  expect(asked('DELETE', '/applications/').map(({ status }) => status)).toEqual([204]);
  const kept = await visit(`${slipway.url}/builds/${id}`, `__Host-slipway=${session?.value}`);
  expect(kept.answer.status).toBe(404);
  expect(kept.cookie).toBe('');
});

test('a sign-in that this browser did not begin, was refused or is used up ends on a page', async () => {
  const { location, cookie } = await atCallback(slipway, 'alice');
  const callback = new URL(location);
  const { state } = Object.fromEntries(callback.searchParams);
  const pageOf = async (url: string, sent: string) => {
    const { answer, cookie: kept } = await visit(url, sent);
    return { status: answer.status, text: await answer.text(), kept };
  };
  const wrong = new URL(callback);
  wrong.searchParams.set('state', 'x'.repeat(43));
  for (const [url, sent] of [
    [location, ''],
    [location, '__Host-slipway-sign-in=x'],
    [wrong.href, cookie],
  ] as const) {
    const { status, text, kept } = await pageOf(url, sent);
    expect([status, kept.includes('__Host-slipway=')]).toEqual([403, false]);
    expect(text).toContain('not begun in this browser');
    expect(text).toMatch(/<a href="https?:[^"]+\/sign-in">Sign in again</);
  }
  const denied = `${slipway.url}/sign-in/callback?error=access_denied&state=${state}`;
  expect(await pageOf(denied, cookie)).toMatchObject({
    ...{ status: 403, kept: '' },
    text: expect.stringContaining('at GitHub it was refused'),
  });
  expect((await visit(location, cookie)).cookie).toContain('__Host-slipway=');
  expect(await pageOf(location, cookie)).toMatchObject({
    ...{ status: 403, kept: '' },
    text: expect.stringContaining('used up or too old'),
  });
});

test('signing out ends the session though GitHub does not end the token', async () => {
  const cookie = await signedIn(slipway, 'alice');
  const sessions = async () => (await redis.keys('{slipway}:session:*')).length;
  const before = await sessions();
  slipway.github.fault({ match: 'DELETE /applications/*/token', times: 1, status: 500 });
  const answer = await fetch(`${slipway.url}/sign-out`, {
    ...{ method: 'POST', headers: { cookie }, redirect: 'manual' },
  });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
  expect(answer.headers.get('set-cookie')).toMatch(
    /^__Host-slipway=; Max-Age=0; Path=\/;.* Secure/,
  );
  expect(await sessions()).toBe(before - 1);
  expect(slipway.processes.web.output()).toContain('GitHub answered 500 when it was asked to end');
});

test('after signing in nobody is led to another site', async () => {
  for (const to of ['//evil.example', 'https://evil.example/', '/\\evil.example']) {
    const { location, cookie } = await atCallback(slipway, 'alice', to);
    expect((await visit(location, cookie)).location).toBe('/');
  }
  const { location, cookie } = await atCallback(slipway, 'alice', '/acme/web?ref=main');
  expect((await visit(location, cookie)).location).toBe('/acme/web?ref=main');
});

test('a stranger gets the same for a private build as for none, and a reader may not act', async () => {
  const { id } = await queued('guarded');
  const { github, url } = slipway;
  github.user('rita', { access: { 'acme/guarded': 'read' } });
  github.user('will', { access: { 'acme/guarded': 'write' } });
  const reader = await signedIn(slipway, 'rita');
  const writer = await signedIn(slipway, 'will');
  const other = await signedIn(slipway, 'sam');
  const ask = async (method: string, path: string, headers: Record<string, string>) => {
    const answer = await fetch(`${url}${path}`, { method, headers });
    const text = await answer.text();
    return { status: answer.status, text: text.replaceAll(id, 'ID') };
  };
  const strangers: Record<string, string>[] = [
    {},
    { cookie: other },
    { authorization: 'Bearer nobody' },
  ];
  for (const headers of strangers) {
    for (const [method, path] of [
      ['GET', '/builds/ID'],
      ['GET', '/api/builds/ID'],
      ['GET', '/api/builds/ID/log'],
      ['GET', '/api/builds/ID/events'],
      ['POST', '/api/builds/ID/cancel'],
      ['POST', '/api/builds/ID/retry'],
    ] as const) {
      const secret = await ask(method, path.replace('ID', id), headers);
      expect(secret).toEqual(await ask(method, path.replace('ID', 'b0'), headers));
      expect(secret.status).toBe(404);
    }
  }
  const cancel = `/api/builds/${id}/cancel`;
  expect((await ask('GET', `/builds/${id}`, { cookie: reader })).status).toBe(200);
  expect(await ask('POST', cancel, { cookie: reader })).toMatchObject({
    ...{ status: 403, text: expect.stringContaining('You need write access to acme/guarded.') },
  });
  const foreign = { cookie: writer, origin: 'https://evil.example' };
  expect((await ask('POST', cancel, foreign)).status).toBe(403);
  expect((await ask('POST', '/sign-out', foreign)).status).toBe(403);
  expect((await ask('POST', cancel, { cookie: writer })).status).toBe(202);
});

test('without PUBLIC_BUILDS a public build is for those whom GitHub lets read it', async () => {
  const { id } = await queued('open', false);
  const hidden = await anotherWeb({ PUBLIC_BUILDS: 'false' });
  const cookie = await signedIn(slipway, 'alice');
  const statuses = [];
  for (const [base, sent] of [
    [slipway.url, ''],
    [hidden, ''],
    [hidden, cookie],
  ] as const) {
    statuses.push((await visit(`${base}/api/builds/${id}`, sent)).answer.status);
  }
  expect(statuses).toEqual([200, 404, 200]);
  const home = await (await fetch(`${hidden}/`)).text();
  expect(home).toContain('<a href="/sign-in">Sign in</a> to see those of');
});

const tokens = '/login/oauth/access_token';

/** Signs somebody in whose token is about to end; answers the cookie. */
async function aboutToExpire(login: string, access: Record<string, 'read'>): Promise<string> {
  const { github, url } = slipway;
  const { token, refreshToken } = github.user(login, { access });
  const app = {
    ...{ webUrl: github.url, apiUrl: `${github.url}/api/v3` },
    ...{ clientId: github.clientId, clientSecret: github.clientSecret },
  };
  const store = { redis, keys: keysUnder('slipway') };
  const signIn = { store, app, publicUrl: url, log: pino({ level: 'silent' }) };
  const expiry = { at: Date.now() + 60_000, refresh: refreshToken };
  const person = { login, name: login, avatarUrl: '' };
  return `__Host-slipway=${await beginSession(signIn, person, { token, expiry })}`;
}

test('two web processes use a refresh token once, and a refused one signs out', async () => {
  const { id } = await queued('lasting');
  const second = await anotherWeb();
  const cookie = await aboutToExpire('tara', { 'acme/lasting': 'read' });
  const before = asked('POST', tokens).length;
  const bases = Array.from({ length: 20 }, (_, n) => (n % 2 ? second : slipway.url));
  const answers = bases.map((base) => visit(`${base}/api/builds/${id}`, cookie));
  for (const { answer } of await Promise.all(answers)) expect(answer.status).toBe(200);
  expect(asked('POST', tokens).length).toBe(before + 1);

  const away = await aboutToExpire('tara', {});
  const heal = slipway.github.fault({ match: `POST ${tokens}`, status: 503 });
  expect((await visit(`${slipway.url}/api/builds/${id}`, away)).answer.status).toBe(200);
  heal();
  const over = await aboutToExpire('tara', {});
  const refuse = slipway.github.fault({
    ...{ match: `POST ${tokens}`, status: 200 },
    ...{ headers: { 'content-type': 'application/json' }, body: '{"error":"bad_refresh_token"}' },
  });
  expect(await visit(`${slipway.url}/api/builds/${id}`, over)).toMatchObject({ cookie: '' });
  refuse();
});

test('nothing in Redis, in a log or in an address is a token or leads to a session', async () => {
  const cookie = await signedIn(slipway, 'alice');
  const [, id = ''] = cookie.split('=');
  const found = await redis.keys('{slipway}:session:*');
  expect(found.length).toBeGreaterThan(0);
  let all = slipway.processes.web.output();
  for (const key of await redis.keys('*')) {
    const dump = await redis.dumpBuffer(key);
    const hash = (await redis.type(key)) === 'hash' ? await redis.hgetall(key) : {};
    all += `${key} ${dump?.toString('latin1')} ${JSON.stringify(hash)}`;
  }
  all += slipway.github.requests.map(({ path, query }) => path + query).join('\n');
  expect(all).not.toMatch(/gh[ur]_[\w-]{20}/);
  expect(all).not.toContain(slipway.github.clientSecret);
  expect(id).toHaveLength(43);
  expect(all).not.toContain(id);
});
