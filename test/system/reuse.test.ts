import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { FileContent } from '../github/git-write.ts';
import type { Repository } from '../github/repository.ts';
import { docker, removeImages, tryBuild } from '../worker/engine/real-engine.ts';
import { type BuildJson, buildsOf, completed, digestOf, ended } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

const registry = process.env.SLIPWAY_TEST_REGISTRY ?? '';
const made: string[] = [];
let secrets: string;
let slipway: Slipway;

beforeAll(async () => {
  secrets = await mkdtemp(join(tmpdir(), 'slipway-secrets-'));
  await mkdir(join(secrets, 'acme'));
  for (const name of ['one', 'two']) await writeFile(join(secrets, 'acme', name), name);
  slipway = await startSlipway({ env: { SECRETS_DIR: secrets } });
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  await removeImages(made);
  await rm(secrets, { recursive: true });
  expect(violations).toEqual([]);
});

type Files = Record<string, FileContent>;

/** A Dockerfile like no other that copies `what`. */
const copying = (what: string) =>
  `FROM slipway-test/base:1\nRUN : ${randomUUID()}\nCOPY ${what} /copied/\n`;

/** Pushes a commit to `main` and answers its build once it has ended well. */
async function built(repo: Repository, files: Files): Promise<BuildJson> {
  const sha = await repo.commit({ files, branch: 'main' });
  await repo.push({ after: sha });
  return well(await ended(slipway, sha));
}

/** The newest of so many builds of a commit, once it has ended well. */
async function again(sha: string, count: number): Promise<BuildJson> {
  const build = await until('there is another build of it, and it ends', async () => {
    const builds = await buildsOf(slipway, sha);
    return builds.length === count && builds[0]?.finishedAt ? builds[0] : undefined;
  });
  return well(build);
}

function well(build: BuildJson): BuildJson {
  expect(build).toMatchObject({ state: 'succeeded', digest: expect.stringMatching(/^sha256:/) });
  return build;
}

const create = (name: string) => slipway.github.createRepository('acme', name);
const stepsOf = ({ steps }: BuildJson) => (steps as { name: string }[]).map(({ name }) => name);
const logOf = async ({ id }: BuildJson) =>
  (await fetch(`${slipway.url}/api/builds/${id}/log`)).text();

const wasBuilt = (build: BuildJson): void => {
  expect(stepsOf(build)).toEqual(['checkout', 'build', 'push', 'tag']);
  expect(build).toMatchObject({ reuses: null, reason: expect.stringMatching(/^Pushed sha256:/) });
};
const wasReused = (build: BuildJson, from: BuildJson): void => {
  expect(stepsOf(build)).toEqual(['checkout', 'push', 'tag']);
  const { digest } = from;
  expect(build).toMatchObject({ digest, reuses: from.id, size: from.size });
  const said = `^Reused ${digest} from ${String(from.sha).slice(0, 7)}, \\d+(\\.\\d)? s\\.$`;
  expect(build.reason).toMatch(new RegExp(said));
};

async function retry({ id }: BuildJson, body?: string): Promise<void> {
  const { token } = slipway.github.user('will', { access: { 'acme/again': 'write' } });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const url = `${slipway.url}/api/builds/${id}/retry`;
  const answer = await fetch(url, { method: 'POST', headers, ...(body && { body }) });
  expect(answer.status).toBe(201);
}

test('a git tag of a commit that was built as a branch gets that image', async () => {
  const repo = await create('tagged');
  const first = await built(repo, { Dockerfile: copying('src'), 'src/a': 'a' });
  wasBuilt(first);
  const sha = String(first.sha);
  await repo.tag('v1.0.0', sha);
  await repo.pushTag('v1.0.0');
  const second = await again(sha, 2);
  wasReused(second, first);
  expect(second).toMatchObject({ ref: 'refs/tags/v1.0.0', tags: [sha, 'v1.0.0'] });
  for (const tag of [sha, 'v1.0.0', 'main', 'latest'])
    expect(await digestOf(String(first.image), tag)).toBe(first.digest);
  const { title, conclusion } = await completed(slipway, second.id);
  expect(conclusion).toBe('success');
  expect(`${title}.`).toBe(second.reason);
  const seen = `has changed since commit ${sha.slice(0, 7)}: its image ${first.digest} is used`;
  expect(await logOf(second)).toContain(seen);
});

test('a commit that changes what no COPY names gets the image of before', async () => {
  const repo = await create('readme');
  const files = { Dockerfile: copying('src'), 'src/a': 'a', 'README.md': 'one' };
  const first = await built(repo, files);
  const second = await built(repo, { 'README.md': 'two' });
  wasReused(second, first);
  for (const tag of [second.sha, 'main', 'latest'])
    expect(await digestOf(String(first.image), String(tag))).toBe(first.digest);
  const third = await built(repo, { 'src/a': 'b' });
  wasBuilt(third);
  expect(third.digest).not.toBe(first.digest);
  // From the image's own build, not from the one that used it again.
  const back = await built(repo, { 'src/a': 'a' });
  wasReused(back, first);
  expect(await digestOf(String(first.image), 'latest')).toBe(first.digest);
});

test('a commit that changes what .dockerignore hides gets the image of before', async () => {
  const repo = await create('hidden');
  const files = { Dockerfile: copying('.'), '.dockerignore': 'docs\n', 'docs/a': 'a', b: 'b' };
  const first = await built(repo, files);
  wasReused(await built(repo, { 'docs/a': 'new', 'docs/more': 'x' }), first);
  const third = await built(repo, { '.dockerignore': 'docs/a\n' });
  wasBuilt(third);
  wasBuilt(await built(repo, { b: 'new' }));
});

test('a link is followed to what it shows', async () => {
  const repo = await create('linked');
  const files = { Dockerfile: copying('link'), link: { symlink: 'real/file' }, 'real/file': 'a' };
  wasBuilt(await built(repo, files));
  wasBuilt(await built(repo, { 'real/file': 'b' }));
});

test('reuse: false builds each time', async () => {
  const repo = await create('never');
  const rules = 'images:\n  - reuse: false\n';
  const files = { Dockerfile: copying('src'), 'src/a': 'a', '.github/slipway.yml': rules };
  await built(repo, files);
  wasBuilt(await built(repo, { 'README.md': 'two' }));
});

test('a build again gets the image, and one without cache gets nothing', async () => {
  const repo = await create('again');
  const first = await built(repo, { Dockerfile: copying('src'), 'src/a': 'a' });
  const sha = String(first.sha);
  await retry(first);
  const second = await again(sha, 2);
  wasReused(second, first);
  await retry(second, '{"cache": false}');
  const third = await again(sha, 3);
  wasBuilt(third);
  const step = (third.steps as { name: string }[]).find(({ name }) => name === 'build');
  expect(step).toMatchObject({ cached: 0, total: 2 });
  // The newest stands for the inputs from now on.
  await retry(third);
  wasReused(await again(sha, 4), third);
});

test('an image that is gone from the registry is built again', async () => {
  const repo = await create('gone');
  const first = await built(repo, { Dockerfile: copying('src'), 'src/a': 'a' });
  const path = String(first.image).slice(registry.length + 1);
  const manifest = `http://${registry}/v2/${path}/manifests/${first.digest}`;
  expect((await fetch(manifest, { method: 'DELETE' })).status).toBe(202);
  const second = await built(repo, { 'README.md': 'two' });
  wasBuilt(second);
  expect(await digestOf(String(second.image), 'latest')).toBe(second.digest);
});

describe('a base image that was pushed anew', () => {
  /** Makes a base image of this content and pushes it; the Engine keeps it under another name. */
  async function pushBase(name: string, content: string, more = ''): Promise<string> {
    const dockerfile = `FROM slipway-test/base:1\nRUN echo ${content} > /which\n${more}`;
    const image = await tryBuild(dockerfile);
    made.push(image.tag);
    expect(image.error).toBeUndefined();
    await call(image.tag, name);
    const pushing = await docker.getImage(name).push({ authconfig: {} });
    await new Promise((resolve) => docker.modem.followProgress(pushing, resolve));
    await docker.getImage(name).remove();
    return image.tag;
  }

  /** Gives an image of the Engine another name. */
  async function call(image: string, name: string): Promise<void> {
    const [repo = '', tag = ''] = name.split(/:(?=\w+$)/);
    await docker.getImage(image).tag({ repo, tag });
  }

  const baseOf = (what: string) => `${registry}/base/${what}-${randomUUID().slice(0, 8)}:one`;
  const from = (base: string) => ({
    Dockerfile: `FROM ${base}\nRUN : ${randomUUID()}; echo "made of $(cat /which)"\nCOPY src /src\n`,
    'src/a': 'a',
  });

  test('is in the next build', async () => {
    const base = baseOf('moving');
    await pushBase(base, 'old');
    const repo = await create('moving-base');
    const first = await built(repo, from(base));
    expect(await logOf(first)).toContain('made of old');
    wasReused(await built(repo, { 'README.md': '1' }), first);
    await pushBase(base, 'new');
    const third = await built(repo, { 'README.md': '2' });
    wasBuilt(third);
    expect(await logOf(third)).toContain('made of new');
    wasReused(await built(repo, { 'README.md': '3' }), third);
  });

  test('is there too where the Engine has the old one under that name', async () => {
    const base = baseOf('kept');
    const old = await pushBase(base, 'old');
    made.push(base);
    await call(old, base);
    const repo = await create('kept-base');
    const first = await built(repo, from(base));
    wasReused(await built(repo, { 'README.md': '1' }), first);
    await pushBase(base, 'new');
    await call(old, base);
    const third = await built(repo, { 'README.md': '2' });
    wasBuilt(third);
    expect(await logOf(third)).toContain('made of new');
    wasReused(await built(repo, { 'README.md': '3' }), third);
  });

  test('that has ONBUILD is built on each time', async () => {
    const base = baseOf('triggers');
    await pushBase(base, 'triggers', 'ONBUILD COPY . /all\n');
    const repo = await create('triggers');
    const files = { Dockerfile: `FROM ${base}\nRUN : ${randomUUID()}\n`, 'README.md': 'one' };
    const first = await built(repo, files);
    const second = await built(repo, { 'README.md': 'two' });
    wasBuilt(second);
    expect(second.digest).not.toBe(first.digest);
  });
});

test('another owner’s image that only the Engine has is not to be had', async () => {
  const image = `${registry}/bob/private:${randomUUID()}`;
  const [repo = '', tag] = image.split(/:(?=[^:/]+$)/);
  await docker.getImage('slipway-test/base:1').tag({ repo, tag });
  made.push(image);
  const mallory = await create('mallory');
  // The second is written so that its name cannot be told.
  for (const line of [`FROM ${image}`, `ARG A=${image}\nARG B=x\nARG B\nFROM \${A}`]) {
    const sha = await mallory.commit({ files: { Dockerfile: `${line}\n` }, branch: 'main' });
    await mallory.push({ after: sha });
    expect(await ended(slipway, sha)).toMatchObject({ state: 'failed', digest: null });
  }
});

test('names that are none of an image fail the build and nothing else', async () => {
  const repo = await create('typos');
  for (const name of ['./x', 'a//b', '../../../x', `${registry}//x`]) {
    const sha = await repo.commit({ files: { Dockerfile: `FROM ${name}\n` }, branch: 'main' });
    await repo.push({ after: sha });
    expect(await ended(slipway, sha)).toMatchObject({ state: 'failed', attempt: 1 });
  }
  expect(slipway.processes.workers[0]?.child.exitCode).toBeNull();
});

test('a rule that says something else of the image has it built, one of its tags does not', async () => {
  const repo = await create('rules');
  const Dockerfile = `FROM slipway-test/base:1 AS one\nRUN : ${randomUUID()}\nFROM one AS two\nENV A=b\n`;
  const rules = (...lines: string[]) => ({
    '.github/slipway.yml': [
      'images:',
      '  - name: image',
      ...lines.map((one) => `    ${one}`),
      '',
    ].join('\n'),
  });
  let last = await built(repo, { Dockerfile, ...rules() });
  for (const line of ['timeout: 5m', 'tags: type=raw,value=other', 'paths: ["**"]'])
    wasReused(await built(repo, rules(line)), last);
  for (const line of [
    'args: { A: "1" }',
    'args: { A: "2" }',
    'target: one',
    'secrets: [one]',
    'secrets: [one, two]',
    'labels: { some: thing }',
    'labels: { some: other thing }',
    'test: { command: ["true"] }',
  ]) {
    const build = await built(repo, rules(line));
    expect([line, build.reuses]).toEqual([line, null]);
    expect(stepsOf(build)).toContain('build');
    last = build;
  }
  wasReused(await built(repo, { 'README.md': 'x' }), last);
});
