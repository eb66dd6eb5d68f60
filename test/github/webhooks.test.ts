import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createNodeMiddleware, Probot } from 'probot';
import { readDescription } from './description.ts';
import { type GitHub, startGitHub } from './github.ts';
import type { Repository } from './repository.ts';

type Heard = { id: string; name: string; payload: Record<string, unknown> };

let github: GitHub;
let app: Server;
let probot: Probot;
let repo: Repository;
const heard: Heard[] = [];
const zeros = '0'.repeat(40);

const payloadOf = (delivery: { guid: string }) =>
  heard.find(({ id }) => id === delivery.guid)?.payload ?? {};

beforeAll(async () => {
  github = await startGitHub({ webhookSecret: 'secret' });
  const { appId, privateKey, url } = github;
  const log = pino({ level: 'silent' });
  probot = new Probot({ appId, privateKey, secret: 'secret', baseUrl: `${url}/api/v3`, log });
  const listen = (probot: Probot): void =>
    probot.onAny(({ id, name, payload }) => {
      heard.push({ id, name, payload: payload as unknown as Record<string, unknown> });
    });
  app = createServer(await createNodeMiddleware(listen, { probot }));
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const { port } = app.address() as AddressInfo;
  github.webhookUrl = `http://127.0.0.1:${port}/api/github/webhooks`;
});

beforeEach(async () => {
  const name = `r${heard.length}-${Date.now()}`;
  repo = await github.createRepository('acme', name, { description: 'A page', license: 'MIT' });
});

afterAll(async () => {
  expect(github.violations).toEqual([]);
  app.closeAllConnections();
  app.close();
  await github.close();
});

test('a push tells what moved, from where, and by which commits', async () => {
  const one = await repo.commit({ branch: 'main', files: { a: '1', b: '1' }, message: 'One' });
  const created = await repo.push();
  expect(created).toMatchObject({ status: 'OK', statusCode: 200, event: 'push' });
  expect(payloadOf(created)).toMatchObject({
    ref: 'refs/heads/main',
    before: zeros,
    after: one,
    created: true,
    deleted: false,
    forced: false,
    installation: { id: github.install('acme').id },
    repository: { id: repo.id, description: 'A page', default_branch: 'main' },
    head_commit: { id: one, message: 'One', added: ['a', 'b'] },
  });
  const two = await repo.commit({ branch: 'main', files: { a: '2' }, message: 'Two' });
  const three = await repo.commit({ branch: 'main', files: { b: null }, message: 'Three' });
  const moved = payloadOf(await repo.push({ pusher: 'bob' }));
  expect(moved).toMatchObject({
    before: one,
    after: three,
    created: false,
    pusher: { name: 'bob' },
    sender: { login: 'bob' },
    commits: [
      { id: two, modified: ['a'], message: 'Two' },
      { id: three, removed: ['b'], message: 'Three' },
    ],
  });
  expect((moved.repository as { pushed_at: unknown }).pushed_at).toEqual(expect.any(Number));
  const other = await repo.commit({ parent: one, files: { c: '1' } });
  expect(payloadOf(await repo.push({ after: other }))).toMatchObject({ forced: true });
});

test('a tag’s push names the tag object, a deletion nothing', async () => {
  const sha = await repo.commit({ branch: 'main', files: { a: '1' } });
  await repo.push();
  const object = await repo.tag('v1', sha, { annotated: true });
  const tagged = payloadOf(await repo.pushTag('v1'));
  expect(object).not.toBe(sha);
  expect(tagged).toMatchObject({ after: object, head_commit: { id: sha }, commits: [] });
  expect(tagged).toMatchObject({ base_ref: 'refs/heads/main' });
  const gone = payloadOf(await repo.deleteTag('v1'));
  expect(gone).toMatchObject({ before: object, after: zeros, deleted: true, head_commit: null });
  expect(await repo.ref('refs/tags/v1')).toBeUndefined();
});

test('a wrong signature is refused by Probot and a refused connection is code 0', async () => {
  await repo.commit({ branch: 'main', files: { a: '1' } });
  const before = heard.length;
  const wrong = await repo.push({ secret: 'another' });
  expect(wrong.status).toBe(`Invalid HTTP Response: ${wrong.statusCode}`);
  expect(wrong.statusCode).toBeGreaterThanOrEqual(400);
  expect(heard).toHaveLength(before);
  const unsigned = await repo.push({ signature: null });
  expect(unsigned.statusCode).toBeGreaterThanOrEqual(400);
  const url = github.webhookUrl;
  github.webhookUrl = 'http://127.0.0.1:9/';
  const refused = await repo.push();
  github.webhookUrl = url;
  expect(refused).toMatchObject({ status: 'failed to connect to host', statusCode: 0 });

  const octokit = await probot.auth();
  const { data: all } = await octokit.rest.apps.listWebhookDeliveries({ per_page: 100 });
  const { data: failures } = await octokit.rest.apps.listWebhookDeliveries({ status: 'failure' });
  expect(all[0]).toMatchObject({ id: refused.id, guid: refused.guid, status_code: 0 });
  expect(failures.map(({ id }) => id)).toEqual([unsigned.id, wrong.id]);

  await octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: refused.id });
  while (!heard.some(({ id }) => id === refused.guid)) await new Promise(setImmediate);
  while (github.deliveries.at(-1)?.guid !== refused.guid) await new Promise(setImmediate);
  expect(github.deliveries.at(-1)).toMatchObject({ redelivery: true, statusCode: 200 });
  const { data: one } = await octokit.rest.apps.getWebhookDelivery({ delivery_id: refused.id });
  expect(one.request.payload).toMatchObject({ repository: { id: repo.id } });
});

test('the list of deliveries is walked by its cursor', async () => {
  await repo.commit({ branch: 'main', files: { a: '1' } });
  for (let i = 0; i < 5; i += 1) await repo.push();
  const octokit = await probot.auth();
  const all = await octokit.paginate(octokit.rest.apps.listWebhookDeliveries, { per_page: 2 });
  const ids = github.deliveries.map(({ id }) => id);
  expect(all.map(({ id }) => id)).toEqual(ids.sort((a, b) => b - a));
});

test('the same delivery goes out several times under one GUID', async () => {
  await repo.commit({ branch: 'main', files: { a: '1' } });
  const guid = '11111111-2222-4333-8444-555555555555';
  await repo.push({ guid, times: 3 });
  expect(heard.filter(({ id }) => id === guid)).toHaveLength(3);
});

test('buttons, names, coverage and pull requests arrive as events that GitHub describes', async () => {
  const head_sha = await repo.commit({ branch: 'main', files: { a: '1' } });
  const octokit = await probot.auth(github.install('acme').id);
  const place = { owner: 'acme', repo: repo.state.name };
  await octokit.rest.checks.create({ ...place, name: 'slipway / web', head_sha });
  const [run] = github.checkRuns(repo);
  if (!run) throw new Error('no check run');
  const from = heard.length;
  await github.rerequest(run, { sender: 'carol' });
  await github.rerequestSuite(run);
  await github.requestAction(run, 'cancel');
  const fork = await github.fork(repo, 'bob');
  await fork.commit({ branch: 'fix', files: { b: '1' } });
  const { pull } = await github.openPullRequest({ into: repo, from: fork, branch: 'fix' });
  const next = await fork.commit({ branch: 'fix', files: { b: '2' } });
  await github.updatePullRequest(pull, 'synchronize');
  await github.updatePullRequest(pull, 'closed');
  await github.updatePullRequest(pull, 'reopened');
  expect(await repo.ref(`refs/pull/${pull.number}/head`)).toBe(next);
  await github.removeRepository(repo);
  await github.addRepository(repo);
  await github.rename(repo, `${repo.state.name}-renamed`);
  await github.transfer(repo, 'delta');
  await github.announceInstallation(github.install('delta'));
  await github.suspend(github.install('delta'));
  await expect(repo.push()).rejects.toThrow(/nothing/);
  await github.unsuspend(github.install('delta'));
  await github.uninstall(github.install('delta'));
  expect(heard.slice(from).map(({ name, payload }) => `${name}.${payload.action}`)).toEqual([
    'check_run.rerequested',
    'check_suite.rerequested',
    'check_run.requested_action',
    'pull_request.opened',
    'pull_request.synchronize',
    'pull_request.closed',
    'pull_request.reopened',
    'installation_repositories.removed',
    'installation_repositories.added',
    'repository.renamed',
    'repository.transferred',
    'installation.created',
    'installation.suspend',
    'installation.unsuspend',
    'installation.deleted',
  ]);
  expect(heard[from]?.payload).toMatchObject({
    sender: { login: 'carol' },
    check_run: { id: run.id, head_sha },
  });
  expect(heard[from + 2]?.payload).toMatchObject({ requested_action: { identifier: 'cancel' } });
});

test('a payload that GitHub would not send is noted and thrown, unless told', async () => {
  const payload = { ref: 'refs/heads/main' };
  await expect(github.deliver('push', payload)).rejects.toThrow(/required property 'before'/);
  expect(github.violations.splice(0).length).toBeGreaterThan(0);
  await github.deliver('push', payload, { check: false });
  expect(github.violations).toEqual([]);
});

test('recorded payloads of GitHub pass the check, but for what GitHub has added since', () => {
  type Example = { name: string; examples: Record<string, unknown>[] };
  const all = createRequire(import.meta.url)('@octokit/webhooks-examples') as Example[];
  const { webhook } = readDescription();
  const pushes = all.find(({ name }) => name === 'push')?.examples ?? [];
  expect(pushes.length).toBeGreaterThan(5);
  for (const example of pushes) {
    const since = { has_discussions: false, topics: [], visibility: 'public' };
    const repository = { ...since, ...(example.repository as object) };
    expect(webhook('push', { ...example, repository })).toEqual([]);
    expect(webhook('push', { ...example, after: 1 })).toContainEqual(
      expect.stringMatching(/after/),
    );
  }
});
