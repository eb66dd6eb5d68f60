import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { FileContent } from '../github/git-write.ts';
import { ended } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;
beforeAll(async () => {
  slipway = await startSlipway();
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

const module = (path: string, url: string): string =>
  `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`;

async function hidden(owner: string, name: string, files: Record<string, FileContent>) {
  const repo = await slipway.github.createRepository(owner, name, { private: true });
  return { repo, sha: await repo.commit({ branch: 'main', files }) };
}

async function pushed(name: string, files: Record<string, FileContent>, isPrivate = false) {
  const repo = await slipway.github.createRepository('acme', name, { private: isPrivate });
  const sha = await repo.commit({ files });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  return { repo, sha };
}

/** The build's log as its page's API gives it to somebody who may read the repository. */
async function logOf(id: unknown): Promise<string> {
  return (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();
}

test('private submodules of the installation, nested, and Git LFS need no keys', async () => {
  const inner = await hidden('acme', 'inner', { 'inner.txt': 'the inner one' });
  const lib = await slipway.github.createRepository('acme', 'lib', { private: true });
  const libSha = await lib.commit({
    branch: 'main',
    files: {
      '.gitmodules': module('inner', '../inner.git'),
      inner: { submodule: inner.sha },
      '.gitattributes': '*.bin filter=lfs\n',
      'data.bin': lib.largeFile('large content'),
    },
  });
  await lib.commit({ branch: 'main', files: { 'inner.txt': 'newer' } });
  const { host } = new URL(slipway.github.url);
  const { sha } = await pushed('uses', {
    '.gitmodules': module('vendor/lib', `git@${host.split(':')[0]}:acme/lib.git`),
    'vendor/lib': { submodule: libSha },
    Dockerfile: `FROM slipway-test/base:1
COPY . /src
RUN cat /src/vendor/lib/inner/inner.txt; echo; cat /src/vendor/lib/data.bin; echo
RUN test -z "$(find /src -name .git)"
`,
  });
  const build = await ended(slipway, sha);
  expect(build).toMatchObject({ state: 'succeeded' });
  const log = await logOf(build.id);
  expect(log).toContain('the inner one');
  expect(log).toContain('large content');
  expect(log).toContain(
    `${libSha} of the submodule vendor/lib (${slipway.github.url}/acme/lib.git)`,
  );
  expect(log).not.toMatch(/gh[a-z]_/);
});

test('a submodule of another host or another owner is a failed check that says so', async () => {
  const far = await pushed('far', {
    Dockerfile: 'FROM slipway-test/base:1\n',
    '.gitmodules': module('lib', 'https://user:hunter2@example.com/acme/lib.git'),
    lib: { submodule: 'a'.repeat(40) },
  });
  const { host } = new URL(slipway.github.url);
  expect(await ended(slipway, far.sha)).toMatchObject({
    state: 'failed',
    attempt: 1,
    reason: `The submodule lib (https://example.com/acme/lib.git) cannot be fetched: only repositories of ${host} are fetched, as owner/name.`,
  });
  const foreign = await hidden('other', 'secret', { 'a.txt': 'a' });
  const near = await pushed('near', {
    Dockerfile: 'FROM slipway-test/base:1\n',
    '.gitmodules': module('lib', '../../other/secret'),
    lib: { submodule: foreign.sha },
  });
  const build = await ended(slipway, near.sha);
  expect(build).toMatchObject({ state: 'failed', attempt: 1 });
  expect(build.reason).toMatch(/^The submodule lib \(.*\) cannot be fetched: .*may not read it/);
});

test('a fork’s commit reads no private submodule, whoever let it be built', async () => {
  const secret = await hidden('acme', 'kept', { 'a.txt': 'a' });
  const { repo, sha: parent } = await pushed('open', { Dockerfile: 'FROM slipway-test/base:1\n' });
  const fork = await slipway.github.fork(repo, 'mallory');
  const sha = await fork.commit({
    ...{ branch: 'fix', parent },
    files: { '.gitmodules': module('lib', '../kept'), lib: { submodule: secret.sha } },
  });
  await slipway.github.openPullRequest({ into: repo, from: fork, branch: 'fix' });
  const check = await until('the check that waits', () =>
    slipway.github.checkRuns(repo, sha).find((run) => run.conclusion === 'action_required'),
  );
  slipway.github.user('will', { access: { 'acme/open': 'write' } });
  await slipway.github.requestAction(check, 'approve', { sender: 'will' });
  const build = await ended(slipway, sha);
  expect(build).toMatchObject({ state: 'failed', pullRequest: { isFork: true } });
  expect(build.reason).toMatch(/^The submodule lib \(\.\.\/kept\) cannot be fetched: /);
});

test('a context or a Dockerfile that leads out of the repository is a failed check', async () => {
  const { sha } = await pushed('leads-out', {
    Dockerfile: { symlink: '../../../../../../etc/passwd' },
    '.github/slipway.yml': 'images:\n  - context: out\n',
    out: { symlink: '..' },
  });
  const build = await ended(slipway, sha);
  expect(build).toMatchObject({
    state: 'failed',
    attempt: 1,
    reason: 'out leads out of the repository, which is not allowed.',
  });
  expect(await logOf(build.id)).not.toContain('root:');
});
