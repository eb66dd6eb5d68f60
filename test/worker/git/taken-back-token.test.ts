import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkOut } from '../../../worker/git/checkout.ts';
import { mintToken, probotFor } from '../../github/client.ts';
import { type GitHub, startGitHub } from '../../github/github.ts';
import type { Repository } from '../../github/repository.ts';
import { mirrorsIn } from './mirrors-in.ts';

let github: GitHub;
let folder: string;
let probot: Awaited<ReturnType<typeof probotFor>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-token-'));
  github = await startGitHub({ webhookSecret: 'secret' });
  github.webhookUrl = 'http://127.0.0.1:9/';
  probot = await probotFor(github);
});
afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
  await rm(folder, { recursive: true });
});

/** Checks a commit out with these tokens, one after the other, and says how many were asked for. */
async function checkedOut(repo: Repository, sha: string, tokens: string[]) {
  const at = await mkdtemp(join(folder, 'out-'));
  const local = { path: process.env.PATH ?? '', home: join(at, 'home') };
  await mkdir(local.home);
  let asked = 0;
  const access = async () => {
    asked += 1;
    return { url: repo.cloneUrl, token: tokens[asked - 1] ?? null, ...local };
  };
  const request = { repositoryId: repo.id, sha, local, folder: at, needsFolder: false };
  const tools = {
    ...{ mirrors: mirrorsIn(folder), renewAccess: access, onLine: () => {} },
    grantSubmodules: async () => ({ url: repo.cloneUrl, token: null }),
    signal: new AbortController().signal,
  };
  const outcome = await checkOut(access, request, tools).then(
    async ({ tree, close }) => {
      await close();
      return tree.find('Dockerfile') ? 'checked out' : 'empty';
    },
    (error: Error) => error.message,
  );
  return { outcome, asked };
}

test('a repository that a taken back token shows as gone is asked for with another', async () => {
  const repo = await github.createRepository('acme', 'given', { private: true });
  const sha = await repo.commit({ branch: 'main', files: { Dockerfile: 'FROM scratch\n' } });
  const before = await mintToken(probot, github.install('acme'), { repository_ids: [repo.id] });
  await github.transfer(repo, 'delta');
  const after = await mintToken(probot, github.install('delta'), { repository_ids: [repo.id] });
  expect(await checkedOut(repo, sha, [before.token, after.token])).toEqual({
    ...{ outcome: 'checked out', asked: 2 },
  });
  const other = await repo.commit({ branch: 'main', files: { Dockerfile: 'FROM other\n' } });
  expect(await checkedOut(repo, other, [before.token, before.token, after.token])).toEqual({
    ...{ outcome: 'The commit or its repository is no longer there.', asked: 2 },
  });
});
