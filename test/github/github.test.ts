import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Probot } from 'probot';
import { mintToken, octokitFor, probotFor } from './client.ts';
import { type GitHub, startGitHub } from './github.ts';
import type { Repository } from './repository.ts';

let github: GitHub;
let probot: Probot;
let repo: Repository;
let first: string;

const acme = { owner: 'acme', repo: 'web' };

const octokit = (token: string) => octokitFor(github, token);

const mint = (body: Record<string, unknown> = {}) =>
  mintToken(probot, github.install('acme'), body);

beforeAll(async () => {
  github = await startGitHub({ webhookSecret: 'secret' });
  repo = await github.createRepository('acme', 'web', { private: true, license: 'MIT' });
  first = await repo.commit({ branch: 'main', files: { Dockerfile: 'FROM scratch\n' } });
  probot = await probotFor(github);
});

beforeEach(() => {
  expect(github.violations).toEqual([]);
});

afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

test('Probot finds the App, its installation and the repository', async () => {
  const app = await probot.auth();
  const { data: self } = await app.rest.apps.getAuthenticated();
  expect(self?.id).toBe(github.appId);
  const { data: installation } = await app.rest.apps.getRepoInstallation(acme);
  expect(installation.id).toBe(github.install('acme').id);
  expect((await app.rest.apps.listInstallations()).data).toHaveLength(1);
  const inside = await probot.auth(installation.id);
  const { data } = await inside.rest.repos.get({ owner: 'ACME', repo: 'Web' });
  expect(data).toMatchObject({ id: repo.id, full_name: 'acme/web', license: { spdx_id: 'MIT' } });
  const { data: list } = await inside.rest.apps.listReposAccessibleToInstallation();
  expect(list.repositories.map(({ id }) => id)).toEqual([repo.id]);
});

test('a JSON web token of another key or App is refused', async () => {
  const other = await startGitHub({ webhookSecret: 'other', appId: github.appId });
  const app = await probot.auth();
  const { token } = (await app.auth({ type: 'app' })) as { token: string };
  const ask = (url: string, jwt: string) =>
    fetch(`${url}/app`, { headers: { authorization: `Bearer ${jwt}` } });
  expect((await ask(github.url, token)).status).toBe(200);
  expect((await ask(other.url, token)).status).toBe(401);
  expect((await ask(github.url, `${token.slice(0, -8)}AAAAAAAA`)).status).toBe(401);
  await other.close();
});

test('tokens are narrowed, scoped, long, and end', async () => {
  const other = await github.createRepository('acme', 'hidden', { private: true });
  const token = await mint({ repository_ids: [repo.id], permissions: { contents: 'read' } });
  expect(token.token).toMatch(/^ghs_[\w-]{400,}$/);
  expect(token.permissions).toEqual({ contents: 'read', metadata: 'read' });
  expect(token.repositories?.map(({ id }) => id)).toEqual([repo.id]);
  const narrow = octokit(token.token);
  await narrow.rest.repos.getContent({ ...acme, path: 'Dockerfile' });
  const hidden = { owner: 'acme', repo: other.state.name };
  await expect(narrow.rest.repos.get(hidden)).rejects.toMatchObject({ status: 404 });
  await expect(
    narrow.rest.checks.create({ ...acme, name: 'x', head_sha: first }),
  ).rejects.toMatchObject({ status: 403, message: expect.stringContaining('not accessible') });
  await expect(mint({ permissions: { contents: 'write' } })).rejects.toMatchObject({ status: 422 });
  await expect(mint({ repository_ids: [1] })).rejects.toMatchObject({ status: 422 });

  github.clock.offset = 3_600_001;
  await expect(narrow.rest.repos.get(acme)).rejects.toMatchObject({
    status: 401,
    message: expect.stringContaining('Bad credentials'),
  });
  github.clock.offset = 0;
});

test('people see what they may', async () => {
  const alice = github.user('alice', { access: { 'acme/web': 'write' } });
  const mallory = github.user('mallory');
  const { data } = await octokit(alice.token).rest.repos.get(acme);
  expect(data.permissions).toMatchObject({ push: true, admin: false, pull: true });
  expect((await octokit(alice.token).rest.users.getAuthenticated()).data.login).toBe('alice');
  const nothing = { status: 404 };
  await expect(octokit(mallory.token).rest.repos.get(acme)).rejects.toMatchObject(nothing);
  expect((await fetch(`${github.url}/repos/acme/web`)).status).toBe(404);
  await expect(octokit('ghu_wrong').rest.repos.get(acme)).rejects.toMatchObject({ status: 401 });
  const { rest } = octokit((await mint()).token);
  const level = async (username: string) =>
    (await rest.repos.getCollaboratorPermissionLevel({ ...acme, username })).data.permission;
  expect([await level('alice'), await level('mallory')]).toEqual(['write', 'none']);
  const writes = { ...acme, name: 'x', head_sha: first };
  await expect(octokit(alice.token).rest.checks.create(writes)).rejects.toMatchObject({
    status: 403,
  });
});

test('an old name redirects, writes included', async () => {
  github.webhookUrl = 'http://127.0.0.1:9/';
  const moving = await github.createRepository('acme', 'before');
  const sha = await moving.commit({ branch: 'main', files: { a: 'b' } });
  await github.rename(moving, 'after');
  const plain = await fetch(`${github.url}/repos/acme/before/commits/main`, { redirect: 'manual' });
  expect(plain.status).toBe(301);
  expect(plain.headers.get('location')).toMatch(
    new RegExp(`/api/v3/repositories/${moving.id}/commits/main$`),
  );
  const { rest } = octokit((await mint()).token);
  const old = { owner: 'acme', repo: 'before' };
  expect((await rest.repos.get(old)).data.name).toBe('after');
  const { data } = await rest.checks.create({ ...old, name: 'x', head_sha: sha });
  expect(github.checkRuns(moving)[0]?.id).toBe(data.id);
  github.deleteRepository(moving);
  await expect(rest.repos.get(old)).rejects.toMatchObject({ status: 404 });
});

test('a suspended installation is refused, a removed one forgotten', async () => {
  github.webhookUrl = 'http://127.0.0.1:9/';
  await github.createRepository('beta', 'lib');
  const installation = github.install('beta');
  const { token } = await mintToken(probot, installation);
  const get = () => octokit(token).rest.repos.get({ owner: 'beta', repo: 'lib' });
  await github.suspend(installation);
  await expect(get()).rejects.toMatchObject({ status: 403 });
  await expect(mintToken(probot, installation)).rejects.toMatchObject({ status: 403 });
  await github.unsuspend(installation);
  await get();
  await github.uninstall(installation);
  await expect(get()).rejects.toMatchObject({ status: 401 });
  await expect(mintToken(probot, installation)).rejects.toMatchObject({ status: 404 });
});

test('every request is on record with its kind of token', async () => {
  const at = github.requests.length;
  await fetch(`${github.url}/meta`);
  await octokit((await mint()).token).rest.rateLimit.get();
  expect(
    github.requests
      .slice(at)
      .map(({ method, path, status, tokenKind }) => [method, path, status, tokenKind]),
  ).toEqual([
    ['GET', '/meta', 200, 'none'],
    ['POST', `/app/installations/${github.install('acme').id}/access_tokens`, 201, 'app'],
    ['GET', '/rate_limit', 200, 'installation'],
  ]);
});
