import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Probot } from 'probot';
import { mintToken, octokitFor, probotFor } from './client.ts';
import { type GitHub, startGitHub } from './github.ts';
import type { Repository } from './repository.ts';

let github: GitHub;
let probot: Probot;
let repo: Repository;
let first: string;
let second: string;

const acme = { owner: 'acme', repo: 'web' };

const octokit = (token: string) => octokitFor(github, token);

const mint = (body: Record<string, unknown> = {}) =>
  mintToken(probot, github.install('acme'), body);

beforeAll(async () => {
  github = await startGitHub({ webhookSecret: 'secret' });
  repo = await github.createRepository('acme', 'web', { private: true });
  first = await repo.commit({
    branch: 'main',
    message: 'First\n\nWith a body',
    files: {
      Dockerfile: 'FROM scratch\n',
      'bin/run': { content: '#!/bin/sh\n', mode: '100755' },
      link: { symlink: 'Dockerfile' },
      outside: { symlink: '../etc/passwd' },
      'a "b"/ü\n.bin': Buffer.from([0, 255, 10]),
      sub: { submodule: '1'.repeat(40) },
    },
  });
  second = await repo.commit({
    branch: 'main',
    message: 'Second',
    files: { Dockerfile: 'FROM busybox\n', 'bin/run': null, 'sbin/run': '#!/bin/sh\n' },
  });
  probot = await probotFor(github);
});

beforeEach(() => {
  expect(github.violations).toEqual([]);
});

afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

test('files are those of the commit, byte for byte', async () => {
  const reader = octokit((await mint()).token);
  const get = async (path: string, ref: string) =>
    (await reader.rest.repos.getContent({ ...acme, path, ref })).data;
  const text = (data: unknown) =>
    Buffer.from((data as { content: string }).content, 'base64').toString('latin1');
  expect(text(await get('Dockerfile', first))).toBe('FROM scratch\n');
  expect(text(await get('Dockerfile', 'main'))).toBe('FROM busybox\n');
  expect(text(await get('a "b"/ü\n.bin', first))).toBe('\u0000\u00ff\n');
  expect(text(await get('link', first))).toBe('FROM scratch\n');
  expect(await get('outside', first)).toMatchObject({ type: 'symlink', target: '../etc/passwd' });
  expect(await get('sub', first)).toMatchObject({ type: 'submodule', sha: '1'.repeat(40) });
  expect(await get('bin', first)).toMatchObject([{ type: 'file', path: 'bin/run' }]);
  expect(await get('/', second)).toContainEqual(expect.objectContaining({ path: 'sbin' }));
  for (const path of ['bin/run', 'nothing', '../acme', 'Dockerfile/x']) {
    await expect(get(path, second)).rejects.toMatchObject({ status: 404 });
  }
  const raw = await reader.rest.repos.getContent({
    ...acme,
    path: 'sbin/run',
    mediaType: { format: 'raw' },
  });
  expect(raw.data).toBe('#!/bin/sh\n');
  await expect(get('Dockerfile', '--help')).rejects.toMatchObject({ status: 404 });
});

test('commits, trees, tags, branches and comparisons are the repository’s', async () => {
  const { rest } = octokit((await mint()).token);
  const { data: commit } = await rest.repos.getCommit({ ...acme, ref: 'heads/main' });
  expect(commit).toMatchObject({ sha: second, parents: [{ sha: first }] });
  expect(commit.files?.map((file) => `${file.status} ${file.filename}`).sort()).toEqual([
    'modified Dockerfile',
    'renamed sbin/run',
  ]);
  const { data: root } = await rest.repos.getCommit({ ...acme, ref: first });
  expect(root.commit.message).toBe('First\n\nWith a body');
  expect(root.files).toHaveLength(6);
  await expect(rest.repos.getCommit({ ...acme, ref: '2'.repeat(40) })).rejects.toMatchObject({
    status: 422,
  });

  const object = await repo.tag('v1.0.0', first, { annotated: true, message: 'One' });
  const { data: ref } = await rest.git.getRef({ ...acme, ref: 'tags/v1.0.0' });
  expect(ref.object).toMatchObject({ type: 'tag', sha: object });
  const { data: tag } = await rest.git.getTag({ ...acme, tag_sha: object });
  expect(tag).toMatchObject({ tag: 'v1.0.0', message: 'One\n', object: { sha: first } });
  const { data: tags } = await rest.git.listMatchingRefs({ ...acme, ref: 'tags/v1' });
  expect(tags.map((one) => one.ref)).toEqual(['refs/tags/v1.0.0']);

  const { data: tree } = await rest.git.getTree({ ...acme, tree_sha: first, recursive: '1' });
  expect(tree.tree).toContainEqual(expect.objectContaining({ path: 'bin/run', mode: '100755' }));
  const { data: branch } = await rest.repos.getBranch({ ...acme, branch: 'main' });
  expect(branch.commit.sha).toBe(second);
  const basehead = `${first}...main`;
  const { data: diff } = await rest.repos.compareCommitsWithBasehead({ ...acme, basehead });
  expect(diff).toMatchObject({ status: 'ahead', ahead_by: 1, commits: [{ sha: second }] });
  expect(diff.files).toContainEqual(expect.objectContaining({ previous_filename: 'bin/run' }));
});
