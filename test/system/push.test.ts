import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

const dockerfile = 'FROM slipway-test/base:1\nRUN echo building >&2\nCOPY hello.txt /\n';
let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway();
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

const ended = (sha: string) =>
  until(`the build of ${sha} ends`, async () => {
    const build = await slipway.build(sha);
    return build?.finishedAt ? build : undefined;
  });

const completed = (repository: { id: number }, sha: string) =>
  until('the check is completed', () =>
    slipway.github.checkRuns(repository, sha).find(({ status }) => status === 'completed'),
  );

async function manifest(image: string, tag: string) {
  const [host, ...path] = image.split('/');
  const answer = await fetch(`http://${host}/v2/${path.join('/')}/manifests/${tag}`, {
    headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
  });
  return answer.headers.get('docker-content-digest');
}

test('a push to the default branch becomes an image, a log and a check', async () => {
  const repo = await slipway.github.createRepository('acme', 'Web', { description: 'A web' });
  const sha = await repo.commit({
    files: { Dockerfile: dockerfile, 'hello.txt': 'hi' },
    message: 'one',
  });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const build = await ended(sha);
  expect(build).toMatchObject({
    state: 'succeeded',
    repo: 'acme/Web',
    attempt: 1,
    ref: 'refs/heads/main',
  });
  expect(build.tags).toEqual([sha, 'main', 'latest']);
  for (const tag of [sha, 'main', 'latest']) {
    expect(await manifest(build.image as string, tag)).toBe(build.digest);
  }
  const log = await (await fetch(`${slipway.url}/api/builds/${build.id}/log`)).text();
  expect(log).toContain('building');
  const check = await completed(repo, sha);
  expect(check).toMatchObject({ conclusion: 'success', name: 'slipway / image' });
  expect(JSON.stringify(check)).toContain(build.digest);
  const page = await (await fetch(`${slipway.url}/builds/${build.id}`)).text();
  expect(page).toContain('succeeded');
  const archived = await until(
    'the log is archived and still the same',
    async () =>
      (await (await fetch(`${slipway.url}/api/builds/${build.id}/log?follow=1`)).text()) === log,
  );
  expect(archived).toBe(true);
});

test('a failing RUN is a failed check with the line and the last lines', async () => {
  const repo = await slipway.github.createRepository('acme', 'broken', { private: true });
  const files = { Dockerfile: 'FROM slipway-test/base:1\nRUN echo nearly && exit 3\n' };
  const sha = await repo.commit({ files, message: 'broken' });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const check = await completed(repo, sha);
  expect(check.conclusion).toBe('failure');
  expect(check.annotations).toMatchObject([{ path: 'Dockerfile', start_line: 2 }]);
  expect(JSON.stringify(check)).toContain('exit code 3');
  expect(JSON.stringify(check)).toContain('nearly');
  const id = check.externalId as string;
  expect((await fetch(`${slipway.url}/api/builds/${id}`)).status).toBe(404);
  const reader = slipway.github.user('rita', { access: { 'acme/broken': 'read' } });
  const headers = { authorization: `Bearer ${reader.token}` };
  expect((await fetch(`${slipway.url}/api/builds/${id}`, { headers })).status).toBe(200);
  const retry = await fetch(`${slipway.url}/api/builds/${id}/retry`, { method: 'POST', headers });
  expect(retry.status).toBe(403);
  expect(slipway.github.gitRequests.some((request) => 'authorization' in request)).toBe(true);
});

test('a mistake in the Dockerfile is a failed check on its line', async () => {
  const repo = await slipway.github.createRepository('acme', 'syntax');
  const files = { Dockerfile: 'FROM slipway-test/base:1\n\nRUNN true\n' };
  const sha = await repo.commit({ files, message: 'syntax' });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const check = await completed(repo, sha);
  expect(check.conclusion).toBe('failure');
  expect(check.annotations).toMatchObject([{ path: 'Dockerfile', start_line: 3 }]);
  expect(await slipway.build(sha)).toMatchObject({ state: 'failed', attempt: 1 });
});

test('an annotated tag is built at its commit; no Dockerfile, [skip ci] and deletion are not', async () => {
  const repo = await slipway.github.createRepository('acme', 'tags');
  const bare = await repo.commit({ files: { 'README.md': 'x' }, message: 'no dockerfile' });
  await repo.push({ ref: 'refs/heads/main', after: bare });
  const skipped = await repo.commit({
    files: { Dockerfile: dockerfile, 'hello.txt': 'a' },
    message: 'x [skip ci]',
  });
  await repo.push({ ref: 'refs/heads/main', after: skipped });
  const sha = await repo.commit({
    files: { Dockerfile: dockerfile, 'hello.txt': 'b' },
    message: 'release',
  });
  await repo.tag('v1.0.0', sha, { annotated: true });
  await repo.pushTag('v1.0.0');
  await repo.push({ ref: 'refs/heads/gone', after: sha });
  await repo.deleteBranch('gone');
  const build = await ended(sha);
  expect(build.state).toBe('succeeded');
  expect(await slipway.build(bare)).toBeUndefined();
  expect(await slipway.build(skipped)).toBeUndefined();
});

test('the same delivery five times in parallel makes one build', async () => {
  const repo = await slipway.github.createRepository('acme', 'five');
  const sha = await repo.commit({
    files: { Dockerfile: dockerfile, 'hello.txt': '5' },
    message: 'five',
  });
  await repo.push({ ref: 'refs/heads/main', after: sha, times: 5 });
  await ended(sha);
  const answer = await fetch(`${slipway.url}/api/builds?sha=${sha}`);
  expect(((await answer.json()) as { builds: unknown[] }).builds).toHaveLength(1);
  await completed(repo, sha);
  expect(slipway.github.checkRuns(repo, sha)).toHaveLength(1);
});

test('a running build is cancelled by whoever may write, and by nobody else', async () => {
  const repo = await slipway.github.createRepository('acme', 'slow');
  const files = { Dockerfile: 'FROM slipway-test/base:1\nRUN echo begun; sleep 600\n' };
  const sha = await repo.commit({ files, message: 'slow' });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const build = await until('it builds', async () => {
    const found = await slipway.build(sha);
    return found?.step === 'build' ? found : undefined;
  });
  const cancel = `${slipway.url}/api/builds/${build.id}/cancel`;
  expect((await fetch(cancel, { method: 'POST' })).status).toBe(401);
  const writer = slipway.github.user('will', { access: { 'acme/slow': 'write' } });
  const headers = { authorization: `Bearer ${writer.token}` };
  expect((await fetch(cancel, { method: 'POST', headers })).status).toBe(202);
  expect((await ended(sha)).state).toBe('cancelled');
  expect((await completed(repo, sha)).conclusion).toBe('cancelled');
});
