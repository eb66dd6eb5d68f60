import { afterAll, expect, jest, test } from '@jest/globals';
import type { Repository } from '../../queue/build.ts';
import { createBuild } from '../../queue/build-store.ts';
import { newBuild } from '../queue/new-build.ts';
import { startWebInProcess } from './web-in-process.ts';

jest.setTimeout(60_000);

const web = await startWebInProcess({ recheckInterval: 60_000, remembered: 60_000 });
const { store, github, forge, known } = web;

afterAll(async () => {
  await web.stop();
  expect(github.violations).toEqual([]);
});

const ask = async (path: string, token: string | null) => {
  const headers = new Headers(token === null ? [] : [['authorization', `Bearer ${token}`]]);
  const before = github.requests.length;
  const answer = await fetch(`${web.url}${path}`, { headers });
  const text = await answer.text();
  return { status: answer.status, text, asked: github.requests.length - before };
};

/** A private repository with so many builds. */
async function secret(name: string, builds: number) {
  const repository = await known('acme', name);
  await built(repository, builds);
  return repository;
}

const built = (repository: Repository, builds: number) =>
  Promise.all(
    Array.from({ length: builds }, () =>
      createBuild(store, { ...newBuild(), repo: repository.fullName, repository }),
    ),
  );

const paths = (name: string) => [
  `/api/repos/acme/${name}`,
  `/api/repos/acme/${name}/images`,
  `/api/builds?repo=acme/${name}`,
  `/badge/acme/${name}.svg`,
  `/acme/${name}`,
  `/acme/${name}/notifications`,
];

/** What is told of a name, without the name, and how often GitHub was asked, now and again. */
const told = async (name: string, token: string | null) => {
  const all = [];
  for (const path of [...paths(name), ...paths(name)]) {
    const { text, ...rest } = await ask(path, token);
    all.push({ ...rest, text: text.replaceAll(name, 'NAME') });
  }
  return all;
};

test('a private repository is told from none by nothing, by strangers and by people', async () => {
  await secret('veiled', 2_050);
  expect(await told('veiled', null)).toEqual(await told('absent', null));
  const { token } = github.user('nora', {});
  expect(await told('veiled', token)).toEqual(await told('absent', token));
  expect(await told('veiled', 'of-nobody-1')).toEqual(await told('absent', 'of-nobody-2'));
  const { text } = await ask('/api/builds?repo=acme/veiled', token);
  expect(JSON.parse(text)).toEqual({ builds: [], cursor: null });
});

test('nor with a token that GitHub has been asked too much with', async () => {
  await secret('shut', 1);
  const { token } = github.user('max', {});
  const headers = { 'x-ratelimit-remaining': '0' };
  const end = github.fault({ match: /^GET \/repos\//, times: 100, status: 403, headers });
  const shut = await told('shut', token);
  expect(shut).toEqual(await told('absent', token));
  expect(shut[0]?.status).toBe(503);
  end();
});

test('a token of nobody costs one question in a minute', async () => {
  for (let n = 0; n < 36; n += 1) await secret(`many-${n}`, 1);
  const first = await ask('/api/builds', 'of-nobody');
  expect([first.status, first.asked]).toEqual([200, 1]);
  expect((await ask('/api/builds', 'of-nobody')).asked).toBe(0);
  expect((await ask('/acme/many-1', 'of-nobody')).asked).toBe(0);
});

test('a list of all builds asks GitHub for a list of what is mine, else so many questions', async () => {
  const { token } = github.user('mia', { access: { 'acme/many-35': 'read' } });
  const mine = await ask('/api/builds', token);
  expect(JSON.parse(mine.text).builds).toMatchObject([{ repo: 'acme/many-35' }]);
  const stranger = await ask('/api/builds', github.user('sid', {}).token);
  expect(JSON.parse(stranger.text).builds).toEqual([]);
  expect([mine.asked, stranger.asked].every((asked) => asked < 35)).toBe(true);
  // A token that its owner made at GitHub has no list of installations.
  github.fault({ match: 'GET /user/installations', times: 1, status: 403 });
  const made = await ask(
    '/api/builds',
    github.user('pat', { access: { 'acme/many-34': 'read' } }).token,
  );
  expect(JSON.parse(made.text).builds).toMatchObject([{ repo: 'acme/many-34' }]);
});

test('what GitHub says is not there is not public, whatever was told last', async () => {
  const repository = await known('acme', 'was-public', false);
  await built(repository, 1);
  const { token } = github.user('nora', {});
  expect(await forge.access(repository, token)).toBe('read');
  expect(await forge.access(repository, 'of-nobody-else')).toBe('read');
  const made = await github.createRepository('other', 'gone', { private: true });
  const gone = { ...repository, id: made.id, fullName: 'other/gone' };
  expect(await forge.access(gone, token)).toBe('none');
});
