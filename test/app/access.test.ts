import { afterAll, expect, jest, test } from '@jest/globals';
import { createGate } from '../../app/access.ts';
import { askAs } from '../../app/github/ask-as.ts';
import { sharedRepositories } from '../../app/github/shared-repositories.ts';
import { myRepositories } from '../../app/my-repositories.ts';
import { startWebInProcess } from './web-in-process.ts';

jest.setTimeout(60_000);

const web = await startWebInProcess({ recheckInterval: 60_000, remembered: 60_000 });
const { store, github, forge, signIn, known, asked } = web;

afterAll(async () => {
  await web.stop();
  expect(github.violations).toEqual([]);
});

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
    (await sharedRepositories(askAs, signIn.app.apiUrl, token, limits)).size;
  expect(await found({ perPage: 1, mostCalls: 50 })).toBe(3);
  expect(await found({ perPage: 2, mostCalls: 50 })).toBe(3);
  expect(await found({ perPage: 1, mostCalls: 3 })).toBe(2);
});
