import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildContext } from '../../../worker/git/context.ts';
import { mirrorCommit } from '../../../worker/git/mirror.ts';
import { mirrorTree } from '../../../worker/git/mirror-tree.ts';
import type { Mirrors } from '../../../worker/git/mirrors.ts';
import type { FileContent } from '../../github/git-write.ts';
import type { Repository } from '../../github/repository.ts';
import { type MirrorScene, startMirrorScene } from '../git/mirror-scene.ts';
import { imageEntries } from './image-entries.ts';
import { docker, removeImages, tryBuild, uniqueName } from './real-engine.ts';

let scene: MirrorScene;
let mirrors: Mirrors;
const made: string[] = [];
const signal = new AbortController().signal;

beforeAll(async () => {
  scene = await startMirrorScene();
  mirrors = await scene.newMirrors();
});
afterAll(async () => {
  await removeImages(made);
  expect(scene.github.violations).toEqual([]);
  await scene.close();
});

/** Builds a commit as a worker does; answers what BuildKit asked for and what is in the image. */
async function built(repo: Repository, sha: string, sharedKey: string) {
  const access = scene.access(repo);
  const rights = { local: access, granted: async () => access };
  const { gitDir, release } = await mirrorCommit(mirrors, rights, repo.id, sha, signal);
  const tree = await mirrorTree(access, gitDir, sha, signal);
  try {
    const context = await buildContext(tree, { context: '.', dockerfile: 'Dockerfile' });
    const sent: string[] = [];
    let bytes = 0;
    async function* read(entry: Parameters<typeof tree.read>[0]) {
      sent.push(entry.path);
      for await (const chunk of tree.read(entry)) {
        bytes += chunk.length;
        yield chunk;
      }
    }
    const request = { context: { ...context, tree: { ...tree, read } }, sharedKey };
    const { tag, error, image } = await tryBuild('', request);
    expect(error).toBeUndefined();
    made.push(tag);
    const all = Object.fromEntries(
      (await imageEntries(tag)).map(({ name, ...entry }) => [name, entry]),
    );
    return { sent: sent.sort(), bytes, all, image };
  } finally {
    tree.close();
    await release();
  }
}

const base = { Dockerfile: 'FROM scratch\nCOPY . /\n', '.dockerignore': '*.md\n' };

/** A repository with a first commit that was built, and how to build more of its commits. */
async function scenario(files: Record<string, FileContent>) {
  const { repo } = await scene.repository({});
  const key = uniqueName('key');
  const commit = (more: Record<string, FileContent>, date = 1_700_000_000_000) =>
    repo.commit({ branch: 'main', files: more, date });
  const next = async (more: Record<string, FileContent>, date?: number) =>
    built(repo, await commit(more, date), key);
  return { repo, key, commit, next, first: await next({ ...base, ...files }) };
}

describe('a second build', () => {
  test('is sent the one file that changed', async () => {
    const { first, next } = await scenario({
      'large.bin': randomBytes(500_000),
      'src/a.txt': 'a',
      'src/b.txt': 'b',
      'notes.md': 'ignored',
    });
    expect(first.sent).toEqual([
      '.dockerignore',
      'Dockerfile',
      'Dockerfile',
      'large.bin',
      'src/a.txt',
      'src/b.txt',
    ]);
    const second = await next({ 'src/a.txt': 'changed' }, 1_700_000_100_000);
    expect(second).toMatchObject({ sent: ['src/a.txt'], bytes: 7 });
    expect(second.all['src/a.txt']).toMatchObject({ size: 7 });
    expect(second.all['large.bin']).toEqual(first.all['large.bin']);
    const third = await next({ 'notes.md': 'other' }, 1_700_000_200_000);
    expect(third).toMatchObject({ sent: [], bytes: 0, all: second.all });
    expect(third.image).toMatchObject({ imageId: second.image?.imageId, cached: 1 });
  });

  test('of another origin is sent everything', async () => {
    const { repo, commit, first } = await scenario({ 'a.txt': 'a' });
    const other = await built(repo, await commit({}), uniqueName('key'));
    expect(other.sent).toEqual(first.sent);
  });

  test('sees a change of the same size in the same second', async () => {
    const { first, next, key, repo } = await scenario({ 'a.txt': 'one' });
    const second = await next({ 'a.txt': 'two' });
    expect(second.sent).toEqual(['a.txt']);
    expect(second.all['a.txt']).toMatchObject({ size: 3 });
    expect(second.all['a.txt']?.content).not.toBe(first.all['a.txt']?.content);
    const back = await next({ 'a.txt': 'one' });
    expect(back.all).toEqual(first.all);
    expect((await docker.getImage(made.at(-1)!).inspect()).Id).toBe(back.image?.imageId);
    expect(await built(repo, await repo.commit({ branch: 'main', files: {} }), key)).toMatchObject({
      sent: [],
    });
  });

  test('has no more of what is gone, and what took its place', async () => {
    const { next } = await scenario({
      'gone.txt': 'gone',
      'folder/gone.txt': 'gone',
      'folder-to-file/a.txt': 'a',
      'file-to-folder': 'a',
      'file-to-link': 'a',
      'link.txt': { symlink: 'gone.txt' },
      'run.sh': 'echo',
    });
    const { all } = await next({
      'gone.txt': null,
      'folder/gone.txt': null,
      'folder-to-file/a.txt': null,
      'folder-to-file': 'b',
      'file-to-folder': null,
      'file-to-folder/b.txt': 'b',
      'file-to-link': { symlink: 'run.sh' },
      'link.txt': { symlink: 'run.sh' },
      'run.sh': { content: 'echo', mode: '100755' },
    });
    expect(Object.keys(all).sort()).toEqual([
      '.dockerignore',
      'Dockerfile',
      'file-to-folder/',
      'file-to-folder/b.txt',
      'file-to-link',
      'folder-to-file',
      'link.txt',
      'run.sh',
    ]);
    expect(all['file-to-link']).toMatchObject({ type: 'symlink', link: 'run.sh' });
    expect(all['link.txt']).toMatchObject({ type: 'symlink', link: 'run.sh' });
    expect(all['folder-to-file']).toMatchObject({ type: 'file', size: 1 });
    expect(all['run.sh']).toMatchObject({ mode: '755' });
  });

  test('sees what only its ignore file changed', async () => {
    const { next, first } = await scenario({ 'a.txt': 'a', 'a.md': 'md' });
    expect(first.all['a.md']).toBeUndefined();
    const { all } = await next({ '.dockerignore': '*.txt\n' });
    expect(all['a.md']).toMatchObject({ size: 2 });
    expect(all['a.txt']).toBeUndefined();
  });
});

test('builds of several commits at once each have their own files', async () => {
  const { repo, key, commit } = await scenario({ 'a.txt': 'first', 'b.txt': 'b' });
  const texts = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff'];
  const shas: string[] = [];
  for (const text of texts) shas.push(await commit({ 'a.txt': text, [`${text}.txt`]: text }));
  const all = await Promise.all(shas.map((sha) => built(repo, sha, key)));
  const alone = await Promise.all(shas.map((sha) => built(repo, sha, uniqueName('key'))));
  expect(all.map((one) => one.all['a.txt']?.size)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(all.map((one) => one.all)).toEqual(alone.map((one) => one.all));
});
