import { afterAll, expect, jest, test } from '@jest/globals';
import { startWebInProcess } from './web-in-process.ts';

jest.setTimeout(60_000);

const web = await startWebInProcess({ recheckInterval: 60_000, remembered: 60_000 });
const { github, known } = web;
await known('acme', 'open', false);

afterAll(async () => {
  await web.stop();
  expect(github.violations).toEqual([]);
});

const ask = (path: string, token?: string, init: RequestInit = {}) =>
  fetch(`${web.url}${path}`, {
    ...{ redirect: 'manual', ...init },
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...init.headers },
  });

test.each([
  '/no/such/builds',
  '/builds/none/retry',
  '/sign-out',
  '/no/such/notifications/1/resend',
])('a form of more than 64 kB is refused in words: POST %s', async (path) => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await ask(path, undefined, { ...{ method: 'POST', headers }, body: large() });
  expect(answer.status).toBe(413);
  expect(answer.headers.get('content-type')).toContain('text/html');
  expect(await answer.text()).toContain('The body is larger than 64 kB');
});

test('nor is more of one held whose length nobody said', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = new Blob([large()]).stream();
  const init = { ...{ method: 'POST', headers, body }, duplex: 'half' } as RequestInit;
  expect((await ask('/no/such/builds', undefined, init)).status).toBe(413);
});

const large = () => `ref=${'a'.repeat(70_000)}`;

test.each([
  '/..%2f..%2frate_limit/x',
  '/acme%2Fweb/notifications',
  '/acme/..%2f..%2fuser',
  '/acme/web%2fbranches/notifications',
])('what is no name of a repository never reaches GitHub: %s', async (path) => {
  const { token } = github.user('nora', {});
  const before = github.requests.length;
  expect((await ask(path, token)).status).toBe(404);
  expect(github.requests).toHaveLength(before);
});

test.each([
  ['POST', '/api/repos/acme/open/builds'],
  ['POST', '/api/repos/acme/open/sweep'],
  ['GET', '/api/repos/acme/open/notifications'],
  ['GET', '/api/repos/acme/open/notifications/secret'],
  ['POST', '/api/repos/acme/open/notifications/1/resend'],
  ['POST', '/acme/open/builds'],
  ['GET', '/acme/open/notifications'],
])('a stranger is asked to sign in, a reader told what is needed: %s %s', async (method, path) => {
  const headers = { 'content-type': 'application/json' };
  const body = path.startsWith('/api') && path.endsWith('builds') ? '{"ref": "main"}' : undefined;
  const said = async (token?: string) => {
    const answer = await ask(path, token, { method, headers, ...(body && { body }) });
    return [answer.status, await answer.text()];
  };
  const signIn = 'Sign in, or send a GitHub token as Authorization: Bearer ….';
  expect(await said()).toEqual([401, expect.stringContaining(signIn)]);
  const { token } = github.user('nora', {});
  expect(await said(token)).toEqual([403, expect.stringContaining('write access')]);
});

test('a name of another path is not asked for as somebody', async () => {
  const { token } = github.user('nora', {});
  const repository = await known('acme', 'named');
  const before = github.requests.length;
  for (const fullName of ['../user', 'acme/..', './x', 'acme/web/branches', 'acme', 'a/b?c']) {
    expect(await web.forge.access({ ...repository, fullName }, token)).toBe('none');
  }
  expect(github.requests).toHaveLength(before);
});
