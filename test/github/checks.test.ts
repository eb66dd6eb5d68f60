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

test('a check run is written, listed, and final', async () => {
  const { rest } = octokit((await mint()).token);
  const make = async (name: string) =>
    (await rest.checks.create({ ...acme, name, head_sha: first, external_id: `of ${name}` })).data;
  const run = await make('slipway / web');
  expect(run).toMatchObject({
    status: 'queued',
    conclusion: null,
    external_id: 'of slipway / web',
  });
  const annotation = (line: number) => ({
    path: 'Dockerfile',
    start_line: line,
    end_line: line,
    annotation_level: 'failure' as const,
    message: `line ${line}`,
  });
  const patch = { ...acme, check_run_id: run.id };
  const output = (line: number) => ({ title: 't', summary: 's', annotations: [annotation(line)] });
  await rest.checks.update({ ...patch, status: 'in_progress', output: output(1) });
  const { data: done } = await rest.checks.update({
    ...patch,
    conclusion: 'failure',
    output: output(2),
  });
  expect(done).toMatchObject({ status: 'completed', output: { annotations_count: 2 } });
  expect(done.completed_at).not.toBeNull();
  const { data: annotations } = await rest.checks.listAnnotations(patch);
  expect(annotations.map(({ message }) => message)).toEqual(['line 1', 'line 2']);

  const again = await make('slipway / web');
  await make('slipway / api');
  const list = async (more: { filter?: 'all' | 'latest'; check_name?: string }) =>
    (await rest.checks.listForRef({ ...acme, ref: first, ...more })).data;
  expect((await list({ check_name: 'slipway / web' })).check_runs[0]?.id).toBe(again.id);
  expect(await list({})).toMatchObject({ total_count: 2 });
  expect(await list({ filter: 'all' })).toMatchObject({ total_count: 3 });
  const known = github.checkRuns(repo, first).find(({ id }) => id === run.id);
  expect(known?.history.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH']);

  await expect(
    rest.checks.create({ ...acme, name: 'x', head_sha: '2'.repeat(40) }),
  ).rejects.toMatchObject({ status: 422 });
  expect(github.violations).toEqual([]);

  await expect(rest.checks.update({ ...patch, status: 'in_progress' })).rejects.toMatchObject({
    status: 422,
  });
  expect(github.violations.splice(0)).toEqual([expect.stringContaining('final')]);
});

test('what GitHub’s description forbids is refused and noted', async () => {
  const { rest, request } = octokit((await mint()).token);
  const create = (more: object) =>
    rest.checks.create({ ...acme, name: 'x', head_sha: first, ...more });
  const before = github.checkRuns().length;
  const action = { label: 'l', description: 'd', identifier: 'i' };
  const annotation = { path: 'p', start_line: 1, end_line: 1, message: 'm' };
  const level = { ...annotation, annotation_level: 'failure' };
  const wrong = {
    'must NOT have more than 65535 characters': {
      output: { title: 't', summary: 'x'.repeat(65_536) },
    },
    'must NOT have more than 50 items': {
      output: { title: 't', summary: 's', annotations: Array(51).fill(level) },
    },
    'must NOT have more than 3 items': { actions: Array(4).fill(action) },
    'must NOT have more than 20 characters': { actions: [{ ...action, label: 'x'.repeat(21) }] },
    'must NOT have more than 40 characters': {
      actions: [{ ...action, description: 'x'.repeat(41) }],
    },
    'must be equal to one of the allowed values': { status: 'running' },
    'headsha is not in the description': { headsha: first },
  };
  for (const [sentence, body] of Object.entries(wrong)) {
    await expect(create(body)).rejects.toMatchObject({ status: 422 });
    expect(github.violations.splice(0).join('\n')).toContain(sentence);
  }
  expect(github.checkRuns()).toHaveLength(before);
  await expect(request('GET /repos/acme/web/pages')).rejects.toMatchObject({ status: 404 });
  expect(github.violations.splice(0)).toEqual(['GET /repos/acme/web/pages is not imitated']);
});

test('an answer that is not as GitHub describes it is noted and becomes a 500', async () => {
  const wrong = { description: 5 as unknown as string };
  await github.createRepository('acme', 'wrong', wrong);
  expect((await fetch(`${github.url}/repos/acme/wrong`)).status).toBe(500);
  expect(github.violations.splice(0)).toEqual([
    expect.stringMatching(
      /^GET \/repos\/{owner}\/{repo}, answer 200: \/description must be string/,
    ),
  ]);
});

test('statuses need their permission', async () => {
  const status = { ...acme, sha: first, state: 'success' as const, context: 'slipway' };
  const { rest } = octokit((await mint()).token);
  await rest.repos.createCommitStatus({ ...status, description: 'done' });
  const { data } = await rest.repos.listCommitStatusesForRef({ ...acme, ref: first });
  expect(data).toMatchObject([{ state: 'success', context: 'slipway', description: 'done' }]);
  expect(github.statuses(repo)).toHaveLength(1);
  const reader = octokit((await mint({ permissions: { statuses: 'read' } })).token);
  await expect(reader.rest.repos.createCommitStatus(status)).rejects.toMatchObject({ status: 403 });
});
