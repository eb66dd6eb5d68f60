import { describe, expect, test } from '@jest/globals';
import { fingerprint, type Inputs } from '../../../worker/reuse/fingerprint.ts';
import { newBuild } from '../../queue/new-build.ts';
import { type ContextWish, contextWith } from './context-with.ts';

const files = { Dockerfile: '1', 'README.md': '2', 'src/': 'a', 'src/main': '3' };
const dockerfile = 'FROM base\nCOPY src /src\n';
const bases = { 'docker.io/library/base:latest': 'sha256:1', 'r/other:1': 'sha256:2' };
const labels = {
  'org.opencontainers.image.title': 'web',
  'org.opencontainers.image.revision': 'a',
  'org.opencontainers.image.created': 'b',
  'org.opencontainers.image.version': 'c',
};

type Wish = Partial<ContextWish> & {
  build?: Partial<Inputs['build']>;
  recipe?: Partial<Inputs['build']['recipe']>;
  bases?: Record<string, string>;
  platform?: string;
};

function of({ build, recipe, bases: its = bases, platform = 'linux/amd64', ...wish }: Wish = {}) {
  const plain = newBuild();
  const whole = { args: { A: '1', B: '2' }, secrets: ['s', 't'], target: 'main', ...recipe };
  return fingerprint({
    build: { ...plain, labels, ...build, recipe: { ...plain.recipe, ...whole } },
    context: contextWith({ dockerfile, files, ...wish }),
    ...{ bases: its, platform },
  });
}

test('is a short text without any content', () => {
  expect(of()).toMatch(/^[0-9a-f]{64}$/);
});

describe('is the same', () => {
  test.each<[string, Wish]>([
    ['for a file that nothing sees', { files: { ...files, 'README.md': 'new' } }],
    ['for a new file that nothing sees', { files: { ...files, 'x/y': 'new' } }],
    ['for another id of a folder alone', { files: { ...files, 'src/': 'b' } }],
    [
      'for another commit in the labels',
      { build: { labels: { ...labels, 'org.opencontainers.image.revision': 'z' } } },
    ],
    ['for arguments in another order', { recipe: { args: { B: '2', A: '1' } } }],
    ['for secrets in another order', { recipe: { secrets: ['t', 's'] } }],
    [
      'for base images in another order',
      { bases: Object.fromEntries(Object.entries(bases).reverse()) },
    ],
    ['for the platform said or not', { recipe: { platforms: ['linux/amd64'] } }],
    ['for another time limit', { recipe: { timeout: 1 } }],
    ['for another tree', { treeId: 'new' }],
  ])('%s', (_, wish) => {
    expect(of(wish)).toBe(of());
  });
});

describe('is another one', () => {
  test.each<[string, Wish]>([
    ['for a file that is seen', { files: { ...files, 'src/main': 'new' } }],
    ['for a new file that is seen', { files: { ...files, 'src/x': 'new' } }],
    ['for a file that is a link now', { files: { ...files, 'src/main': '-> ../README.md' } }],
    ['for a new Dockerfile', { dockerfile: `${dockerfile}# x\n` }],
    ['for another argument', { recipe: { args: { A: '1', B: '3' } } }],
    ['for an argument more', { recipe: { args: { A: '1', B: '2', C: '' } } }],
    ['for another target', { recipe: { target: 'other' } }],
    ['for the last target', { recipe: { target: null } }],
    ['for another secret', { recipe: { secrets: ['s'] } }],
    ['for ssh', { recipe: { ssh: ['default'] } }],
    ['for another platform', { recipe: { platforms: ['linux/arm64'] } }],
    ['for an Engine of another platform', { platform: 'linux/arm64' }],
    ['for a test', { recipe: { test: { command: ['true'] } } }],
    ['for another image', { build: { image: 'localhost/acme/other' } }],
    [
      'for a label of the rule',
      { build: { labels: { ...labels, 'org.opencontainers.image.title': 'new' } } },
    ],
    ['for a label more', { build: { labels: { ...labels, x: '' } } }],
    ['for a newer base image', { bases: { ...bases, 'r/other:1': 'sha256:3' } }],
  ])('%s', (_, wish) => {
    expect(of(wish)).not.toBe(of());
    expect(of(wish)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('for another mode of a file that is seen', () => {
    const context = contextWith({ dockerfile, files });
    const executable = contextWith({ dockerfile, files });
    for (const entry of executable.entries) if (entry.name === 'src/main') entry.mode = 0o755;
    const inputs = { build: newBuild(), bases, platform: 'linux/amd64' };
    expect(fingerprint({ ...inputs, context: executable })).not.toBe(
      fingerprint({ ...inputs, context }),
    );
  });

  test('for anything in the repository where a compose file says what is tested', () => {
    const recipe = { test: { compose: 'compose.yaml' } };
    expect(of({ recipe, treeId: 'new' })).not.toBe(of({ recipe }));
    expect(of({ recipe })).toBe(of({ recipe }));
  });

  test('for anything in the repository where git’s ids say nothing', () => {
    const wish = { files: { ...files, 'src/main': '' } };
    expect(of({ ...wish, treeId: 'new' })).not.toBe(of(wish));
    expect(of(wish)).toBe(of(wish));
  });

  test('for where a link leads, though git’s ids say nothing of it', () => {
    const leading = (to: string) => {
      const context = contextWith({ dockerfile, files: { 'src/current': `-> ${to}` }, treeId: to });
      for (const entry of context.entries) entry.id = '';
      return fingerprint({ build: newBuild(), bases, platform: 'linux/amd64', context });
    };
    expect(leading('one')).not.toBe(leading('two'));
    expect(leading('one')).toBe(leading('one'));
  });

  test('for another repository', () => {
    const { repository } = newBuild();
    expect(of({ build: { repository: { ...repository, id: 4_711 } } })).not.toBe(of());
  });
});

test('is null for what is not understood', () => {
  expect(of({ dockerfile: 'FROM base\nADD https://example.com/x /x\n' })).toBeNull();
});
