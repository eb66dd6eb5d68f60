import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { buildsOf, digestOf, ended } from './builds.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

let slipway: Slipway;
const base = 'FROM slipway-test/base:1\n';

beforeAll(async () => {
  slipway = await startSlipway();
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

const rules = (text: string) => ({ '.github/slipway.yml': text });

const checkNamed = (sha: string, name: string) =>
  until(`the check ${name}`, () =>
    slipway.github
      .checkRuns()
      .find((run) => run.headSha === sha && run.name === name && run.status === 'completed'),
  );

async function pushTo(name: string, files: Record<string, string | null>) {
  const repo = await slipway.github.createRepository('acme', name);
  const sha = await repo.commit({ files, branch: 'main' });
  await repo.setRef('refs/heads/main', null);
  await repo.push({ ref: 'refs/heads/main', after: sha });
  return { repo, sha };
}

async function configOf(image: string, digest: unknown) {
  const [host, ...path] = image.split('/');
  const at = `http://${host}/v2/${path.join('/')}`;
  const accept = { accept: 'application/vnd.docker.distribution.manifest.v2+json' };
  const manifest = await (await fetch(`${at}/manifests/${digest}`, { headers: accept })).json();
  const { config } = manifest as { config: { digest: string } };
  return (await (await fetch(`${at}/blobs/${config.digest}`)).json()) as {
    config: { Labels: Record<string, string>; Env: string[] };
  };
}

test('several images of one repository, each with its own context, arguments, tags and labels', async () => {
  const { repo, sha } = await pushTo('several', {
    ...rules(`images:
  - name: web
    context: web
    dockerfile: build/Dockerfile
    target: small
    args: { GREETING: hello, LEVEL: 3 }
    tags: |
      type=semver,pattern={{version}}
      type=semver,pattern={{major}}.{{minor}}
      type=ref,event=branch,suffix=-web
    labels: { maintainer: acme, built-for: '{{branch}}' }
  - name: tools
    context: tools
    on: { branches: [main] }
`),
    'web/build/Dockerfile': `FROM slipway-test/base:1 AS small\nARG GREETING LEVEL\nENV SAID=$GREETING-$LEVEL\nFROM small\nRUN false\n`,
    'tools/Dockerfile': `${base}COPY tool /\n`,
    'tools/tool': 'x',
  });
  const [web, tools] = [
    await checkNamed(sha, 'slipway / web'),
    await checkNamed(sha, 'slipway / tools'),
  ];
  expect([web.conclusion, tools.conclusion]).toEqual(['success', 'success']);
  const build = (await buildsOf(slipway, sha)).find(({ name }) => name === 'web');
  expect(build?.tags).toEqual([sha, 'main-web']);
  expect(build?.image).toMatch(/\/acme\/several\/web$/);
  const { config } = await configOf(String(build?.image), build?.digest);
  expect(config.Env).toContain('SAID=hello-3');
  expect(config.Labels).toMatchObject({
    maintainer: 'acme',
    'built-for': 'main',
    'org.opencontainers.image.version': 'main-web',
    'org.opencontainers.image.revision': sha,
  });
  await repo.tag('v1.2.3', sha);
  await repo.push({ ref: 'refs/tags/v1.2.3', after: sha });
  const tagged = await until('the tag is built', async () =>
    (await buildsOf(slipway, sha)).find((one) => one.ref === 'refs/tags/v1.2.3' && one.digest),
  );
  expect(tagged).toMatchObject({ name: 'web', tags: [sha, '1.2.3', '1.2', 'latest'] });
});

test('a mistake in the rules file is a failed check on its line, and nothing is built', async () => {
  const { sha } = await pushTo('mistaken', {
    ...rules('images:\n  - name: web\n    dockerfil: x\n    reuse: maybe\n'),
    Dockerfile: base,
  });
  const check = await checkNamed(sha, 'slipway');
  expect(check.conclusion).toBe('failure');
  expect(check.annotations).toMatchObject([
    { path: '.github/slipway.yml', start_line: 3, start_column: 5 },
    { path: '.github/slipway.yml', start_line: 4, start_column: 5 },
  ]);
  expect(check.title).toContain('dockerfil');
  expect(check.title).toContain('line 3');
  const builds = await buildsOf(slipway, sha);
  expect(builds).toMatchObject([{ state: 'failed', attempt: 0, digest: null }]);
  const page = await (await fetch(`${slipway.url}/builds/${builds[0]?.id}`)).text();
  expect(page).toContain('dockerfile');
});

test('wrong tags are marked on their line, and a folder in the file’s place is no file', async () => {
  const tagged = await pushTo('mistagged', {
    ...rules('images:\n  - name: web\n    tags: |\n      type=sha\n      type=nope\n'),
    Dockerfile: base,
  });
  const { annotations } = await checkNamed(tagged.sha, 'slipway');
  expect(annotations).toMatchObject([{ start_line: 3, start_column: 5 }]);
  expect(annotations[0]?.message).toContain('images[0].tags: “nope” is no type of tag');
  const files = { '.github/slipway.yml/web.yml': 'images: []\n', Dockerfile: base };
  const { sha } = await pushTo('a-folder', files);
  expect((await checkNamed(sha, 'slipway')).title).toContain('There is a folder');
});

test('an image outside the owner’s namespace is a failed check before anything runs', async () => {
  const registry = String(process.env.SLIPWAY_TEST_REGISTRY);
  const { sha } = await pushTo('stranger', {
    ...rules(`images:\n  - image: ${registry}/other/web\n`),
    Dockerfile: base,
  });
  const check = await checkNamed(sha, 'slipway / image');
  expect(check.conclusion).toBe('failure');
  expect(check.title).toContain('IMAGE_NAMESPACES');
  expect(await buildsOf(slipway, sha)).toMatchObject([{ state: 'failed', attempt: 0 }]);
  expect(await digestOf(`${registry}/other/web`, sha)).toBeNull();
});

test('paths: what changed since the last good build decides, and a skipped rule says so', async () => {
  const { repo, sha } = await pushTo('paths', {
    ...rules('images:\n  - paths: ["src/**", "!**/*.md"]\n'),
    Dockerfile: base,
    'src/a.txt': '1',
  });
  expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded' });
  const docs = await repo.commit({ branch: 'main', files: { 'src/b.md': 'x', 'README.md': 'y' } });
  await repo.push({ ref: 'refs/heads/main', before: sha, after: docs });
  const skipped = await checkNamed(docs, 'slipway / image');
  expect(skipped).toMatchObject({ conclusion: 'skipped' });
  expect(await buildsOf(slipway, docs)).toEqual([]);
  const source = await repo.commit({ branch: 'main', files: { 'src/a.txt': '2' } });
  await repo.push({ ref: 'refs/heads/main', before: docs, after: source });
  expect(await ended(slipway, source)).toMatchObject({ state: 'succeeded' });
  const forced = await repo.commit({ branch: 'main', files: { 'x.md': 'z' }, parent: sha });
  await repo.push({ ref: 'refs/heads/main', before: source, after: forced });
  expect(await ended(slipway, forced)).toMatchObject({ state: 'succeeded' });
});

test('branches whose names make one tag do not end on one tag', async () => {
  const { repo, sha } = await pushTo('collide', { Dockerfile: base, a: '1' });
  await ended(slipway, sha);
  const tagsOf = async (branch: string) => {
    const after = await repo.commit({
      branch,
      files: { Dockerfile: base, b: branch },
      parent: sha,
    });
    await repo.push({ ref: `refs/heads/${branch}`, after });
    return (await ended(slipway, after)).tags as string[];
  };
  const [, first] = await tagsOf('feature/x');
  const [, second] = await tagsOf('feature+x');
  const [, exact] = await tagsOf('feature-x');
  expect(first).toBe('feature-x');
  expect(second).toMatch(/^feature-x-[0-9a-f]{6}$/);
  expect(exact).toBe('feature-x');
});

test('a newer push cancels the older build where the rule says so', async () => {
  const files = (n: number) => ({
    ...rules('images:\n  - cancel_superseded: true\n'),
    Dockerfile: `${base}RUN echo ${n}-${Math.random()}; sleep ${n === 1 ? 60 : 0}\n`,
  });
  const { repo, sha } = await pushTo('superseded', files(1));
  await until('it builds', async () => (await slipway.build(sha))?.step === 'build');
  const newer = await repo.commit({ branch: 'main', files: files(2) });
  await repo.push({ ref: 'refs/heads/main', after: newer });
  expect(await ended(slipway, sha)).toMatchObject({
    state: 'cancelled',
    reason: `Superseded by commit ${newer.slice(0, 7)}.`,
  });
  expect(await ended(slipway, newer)).toMatchObject({ state: 'succeeded' });
  expect((await checkNamed(sha, 'slipway / image')).title).toContain(newer.slice(0, 7));
});

test('a merge queue’s commit is built and reported, but not pushed', async () => {
  const { repo, sha } = await pushTo('queued', { Dockerfile: base });
  await ended(slipway, sha);
  const ref = 'refs/heads/gh-readonly-queue/main/pr-7-abcdef';
  const after = await repo.commit({ parent: sha, files: { q: '1' } });
  await repo.push({ ref, after });
  const build = await ended(slipway, after);
  expect(build).toMatchObject({ state: 'succeeded', digest: null, tags: [], publish: false });
  expect((await checkNamed(after, 'slipway / image')).conclusion).toBe('success');
  expect(await digestOf(String(build.image), after)).toBeNull();
});
