import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { git, gitText } from './git.ts';
import { type GitHub, startGitHub } from './github.ts';
import type { Repository } from './repository.ts';

let github: GitHub;
let hidden: Repository;
let sha: string;
let folder: string;

const basic = (token: string): string =>
  `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;

const token = async (body: object): Promise<string> => {
  const { SignJWT, importPKCS8 } = await import('jose');
  const { createPrivateKey } = await import('node:crypto');
  const pem = createPrivateKey(github.privateKey).export({ type: 'pkcs8', format: 'pem' });
  const jwt = await new SignJWT({})
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(String(github.appId))
    .setIssuedAt()
    .setExpirationTime('9m')
    .sign(await importPKCS8(String(pem), 'RS256'));
  const url = `${github.url}/app/installations/${github.install('acme').id}/access_tokens`;
  const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return ((await answer.json()) as { token: string }).token;
};

const clone = async (from: Repository, wanted: string, header?: string): Promise<string> => {
  const target = await mkdtemp(join(folder, 'clone-'));
  await git(target, ['init', '-q']);
  const config = header ? ['-c', `http.extraHeader=${header}`] : [];
  await git(target, [...config, 'fetch', '-q', '--depth=1', from.cloneUrl, wanted]);
  await git(target, ['checkout', '-q', 'FETCH_HEAD']);
  return target;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-clones-'));
  github = await startGitHub({ webhookSecret: 'secret' });
  hidden = await github.createRepository('acme', 'hidden', { private: true });
  sha = await hidden.commit({ branch: 'main', files: { Dockerfile: 'FROM scratch\n' } });
  await hidden.commit({ branch: 'main', files: { Dockerfile: 'FROM busybox\n' } });
});

afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
  await rm(folder, { recursive: true });
});

test('a commit that no branch points at is fetched by its id with a token', async () => {
  const header = basic(
    await token({ repository_ids: [hidden.id], permissions: { contents: 'read' } }),
  );
  const target = await clone(hidden, sha, header);
  expect(await gitText(target, ['rev-parse', 'HEAD'])).toBe(sha);
  expect(await readFile(join(target, 'Dockerfile'), 'utf8')).toBe('FROM scratch\n');
  expect(github.gitRequests.at(-1)).toMatchObject({
    path: '/acme/hidden.git/git-upload-pack',
    authorization: true,
    repo: 'acme/hidden',
    status: 200,
  });

  github.clock.offset = 3_600_001;
  await expect(clone(hidden, sha, header)).rejects.toThrow();
  expect(github.gitRequests.at(-1)?.status).toBe(401);
  github.clock.offset = 0;
});

test('a commit that no ref ever held is fetched too', async () => {
  const loose = await hidden.commit({ files: { a: 'loose' }, parent: sha });
  expect(await gitText(hidden.folder, ['for-each-ref', '--contains', loose])).toBe('');
  const target = await clone(hidden, loose, basic(await token({})));
  expect(await readFile(join(target, 'a'), 'utf8')).toBe('loose');
});

test('a private repository is closed to everybody else', async () => {
  const other = await github.createRepository('acme', 'other', { private: true });
  const foreign = await token({ repository_ids: [other.id] });
  const checksOnly = await token({ permissions: { checks: 'write' } });
  const status = async (header?: string): Promise<number | undefined> => {
    await expect(clone(hidden, sha, header)).rejects.toThrow();
    return github.gitRequests.at(-1)?.status;
  };
  expect(await status()).toBe(401);
  expect(await status(basic('ghs_wrong'))).toBe(401);
  expect(await status(basic(foreign))).toBe(404);
  expect(await status(basic(checksOnly))).toBe(403);
  const answer = await fetch(`${github.url}/acme/nothing.git/info/refs?service=git-upload-pack`);
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
});

test('a public repository needs no token, an old name redirects, pushing is refused', async () => {
  const open = await github.createRepository('acme', 'open');
  const head = await open.commit({ branch: 'main', files: { a: 'b' } });
  const before = { ...open, cloneUrl: open.cloneUrl } as Repository;
  github.webhookUrl = 'http://127.0.0.1:9/';
  await github.rename(open, 'opened');
  const target = await clone(before, head);
  expect(await gitText(target, ['rev-parse', 'HEAD'])).toBe(head);
  await expect(git(target, ['push', '-q', open.cloneUrl, 'HEAD:refs/heads/x'])).rejects.toThrow();
  expect(await open.ref('refs/heads/x')).toBeUndefined();
});

test('nothing outside the repositories can be reached', async () => {
  for (const path of [
    '/acme/..%2f..%2fetc.git/info/refs',
    '/../etc/passwd',
    '/acme/%2e%2e/info/refs',
  ]) {
    const answer = await fetch(`${github.url}${path}?service=git-upload-pack`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
  }
  github.violations.splice(0);
});
