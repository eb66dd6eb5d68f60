import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Checkout, checkOut } from '../../../worker/git/checkout.ts';
import { type FileTree, textOf } from '../../../worker/git/file-tree.ts';
import { mirrorTree } from '../../../worker/git/mirror-tree.ts';
import type { Mirrors } from '../../../worker/git/mirrors.ts';
import { placeCommit } from '../../../worker/git/place-commit.ts';
import { git, gitText } from '../../github/git.ts';
import type { Repository } from '../../github/repository.ts';
import { type MirrorScene, startMirrorScene } from './mirror-scene.ts';

let scene: MirrorScene;
let mirrors: Mirrors;
const signal = new AbortController().signal;

beforeAll(async () => {
  scene = await startMirrorScene();
  mirrors = await scene.newMirrors();
});
afterAll(async () => {
  expect(scene.github.violations).toEqual([]);
  await scene.close();
});

async function withCheckout<T>(
  { repo, sha }: { repo: Repository; sha: string },
  needsFolder: boolean,
  work: (checkout: Checkout) => Promise<T>,
): Promise<T> {
  const folder = await scene.newFolder();
  const local = scene.access(repo);
  const { url } = local;
  const tools = {
    ...{ mirrors, signal, onLine: () => {} },
    grantSubmodules: async () => ({ url, token: null }),
    renewAccess: async () => local,
  };
  const request = { repositoryId: repo.id, sha, folder, needsFolder, local };
  const checkout = await checkOut(async () => local, request, tools);
  try {
    return await work(checkout);
  } finally {
    await checkout.close();
  }
}

/** All of a tree but times and ids, with the content of files. */
const described = (tree: FileTree) =>
  Promise.all(
    tree.entries.map(async (entry) => {
      const { path, type, mode, size, link } = entry;
      const content = type === 'file' ? await textOf(tree, entry) : '';
      return { path, type, mode, size, link, content };
    }),
  );

/** As Go's filepath.Walk: a folder, then what is in it, names in the order of their bytes. */
async function walked(folder: string, at = ''): Promise<string[]> {
  const found = await readdir(join(folder, at), { withFileTypes: true });
  const inOrder = found.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const paths: string[] = [];
  for (const entry of inOrder) {
    const path = at === '' ? entry.name : `${at}/${entry.name}`;
    paths.push(path, ...(entry.isDirectory() ? await walked(folder, path) : []));
  }
  return paths;
}

describe('entries', () => {
  const files = {
    Dockerfile: 'FROM scratch\n',
    empty: '',
    'src/deep/deeper/a.txt': 'a',
    'bin/run.sh': { content: '#!/bin/sh\n', mode: '100755' as const },
    'bin/plain': 'plain',
    'to-file': { symlink: 'src/deep/deeper/a.txt' },
    'to-folder': { symlink: 'src/deep' },
    'to-nowhere': { symlink: 'no/where' },
    'to-outside': { symlink: '../../etc/passwd' },
    'src/to-ünïcode': { symlink: '../ünï/日本 語.txt' },
    'sub/module': { submodule: 'a'.repeat(40) },
    'with space/in name.txt': 's',
    'ünï/日本 語.txt': 'u',
    𝒳astral: 'beyond sixteen bits',
    '\uFF5Ebelow': 'in UTF-16 above the one before',
    'tab\there': 't',
    'lines/new\nline': 'n',
    'back\\slash': 'b',
    'quo"te': 'q',
    foo0: '0',
    'foo.txt': 't',
    'foo-bar': 'b',
    'foo/bar': 'in foo',
    'foo/bar.txt': 't',
    'a/b/c': 'c',
    'a.b': 'b',
    'a!': '!',
    __proto__: 'no prototype',
    'constructor/toString': 'no method',
    'letters/A': 'A',
    'letters/a': 'a',
    '.github/.gitkeep': '',
    'binary.bin': { content: Buffer.from([0, 10, 255, 13, 10, 0]) },
  };

  test('are those of a real checkout, in the order in which Go walks', async () => {
    const commit = await scene.repository(files);
    const mirrored = await withCheckout(commit, false, async ({ tree, folder }) => {
      expect(folder).toBeNull();
      return { all: await described(tree), id: tree.id, at: tree.committedAt };
    });
    await withCheckout(commit, true, async ({ tree, folder, parents }) => {
      expect(mirrored.all).toEqual(await described(tree));
      expect(mirrored.all.map(({ path }) => path)).toEqual(await walked(folder!));
      expect(mirrored).toMatchObject({ id: tree.id, at: tree.committedAt });
      expect(parents).toEqual([]);
    });
    const { folder } = commit.repo;
    expect(mirrored.id).toBe(await gitText(folder, ['rev-parse', `${commit.sha}^{tree}`]));
    expect(mirrored.all.length).toBeGreaterThan(Object.keys(files).length);
  });

  test('are found by their path, and a merge has its parents', async () => {
    const { repo, sha } = await scene.repository({ 'a/b.txt': 'b' });
    const other = await repo.commit({ parent: sha, files: { 'c.txt': 'c' } });
    const merge = await repo.commit({ parent: [sha, other], files: { 'd.txt': 'd' } });
    await withCheckout({ repo, sha: merge }, false, async ({ tree, parents }) => {
      expect(parents).toEqual([sha, other]);
      expect(tree.find('a/b.txt')).toMatchObject({ type: 'file', mode: 0o644, size: 1 });
      expect(tree.find('a')).toMatchObject({ type: 'folder', mode: 0o755, size: 0 });
      expect(tree.find('a/')).toBeUndefined();
      expect(tree.find('c.txt')).toBeUndefined();
    });
  });

  test('a file of 30 MB streams, and another is read while it does', async () => {
    const content = randomBytes(30_000_000);
    const commit = await scene.repository({ 'large.bin': content, 'small.txt': 'small' });
    await withCheckout(commit, false, async ({ tree }) => {
      const hash = createHash('sha256');
      let largest = 0;
      const reading = async () => {
        for await (const chunk of tree.read(tree.find('large.bin')!)) {
          largest = Math.max(largest, chunk.length);
          hash.update(chunk);
        }
      };
      const small = [1, 2].map(() => textOf(tree, tree.find('small.txt')!));
      const [, ...texts] = await Promise.all([reading(), ...small]);
      expect(texts).toEqual(['small', 'small']);
      expect(hash.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
      expect(largest).toBeLessThan(1_000_000);
      for await (const _ of tree.read(tree.find('large.bin')!)) break;
      expect(await textOf(tree, tree.find('small.txt')!)).toBe('small');
    });
  });
});

describe('names that git does not check out', () => {
  /** A commit of a tree that git commands refuse to make. */
  async function commitOf(folder: string, tree: string): Promise<string> {
    const who = 'A <a@b> 1700000000 +0000';
    const text = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\ncrafted\n`;
    const made = await git(folder, ['hash-object', '-t', 'commit', '-w', '--stdin'], text);
    return made.toString('utf8').trim();
  }

  /** One with a single path. */
  async function crafted(names: string[], mode: string) {
    const { repo, sha } = await scene.repository({ Dockerfile: 'FROM scratch\n' });
    const { folder } = repo;
    let id = await gitText(folder, ['rev-parse', `${sha}:Dockerfile`]);
    let line = `${mode} blob ${id}`;
    for (const name of [...names].reverse()) {
      const made = await git(folder, ['mktree', '-z'], `${line}\t${name}\0`);
      id = made.toString('utf8').trim();
      line = `040000 tree ${id}`;
    }
    return { repo, sha: await commitOf(folder, id) };
  }

  const modules = '.gitmodules';
  const file = '100644';
  const link = '120000';
  const cases: [string[], string][] = [
    [['.git'], file],
    [['.GIT', 'config'], file],
    [['.git', 'hooks', 'post-checkout'], file],
    [['a', '.git'], file],
    [['a', '.git', 'config'], file],
    [['..', 'a'], file],
    [['.', 'a'], file],
    [['a', '..'], file],
    [['git~1'], file],
    [['a', 'GIT~1', 'config'], file],
    [['.git '], file],
    [['.git. .'], file],
    [['.git::$INDEX_ALLOCATION', 'config'], file],
    [['.git\\config'], file],
    [['a\\.git'], file],
    [['.g\u200cit', 'config'], file],
    [[modules], link],
    [['.GitModules'], link],
    [['a', modules], link],
    [['gitmod~1'], link],
    [['.gitmodules '], link],
    [['.gitmodules:x'], link],
    [['gitmod~4'], link],
    [['gi7eba~1'], link],
    [['GI7EB~12'], link],
    [['~1234567'], link],
    [['git~1. '], file],
    [['a\\git~1'], file],
    [['a\\.gitmodules'], link],
    // And what it does.
    [['.gitignore'], file],
    [['.gitattributes'], link],
    [['.gitmodule'], link],
    [['git~2'], file],
    [['git~'], file],
    [['.gitx'], file],
    [['..git'], file],
    [['...'], file],
    [['a\\b'], file],
    [['a.git'], file],
    [['.git-x', 'config'], file],
    [['gitmod~9'], link],
    [['gitmod~5'], link],
    [['gi7eba~0'], link],
    [['gi7eba~1x'], link],
    [['gi7eba~1'], file],
    [['.gitmodules '], file],
    [['a\\..'], file],
    [['git~11'], file],
  ];

  test.each(cases)('%j %s', async (names, mode) => {
    const { repo, sha } = await crafted(names, mode);
    const access = scene.access(repo);
    const at = await scene.newFolder();
    await mkdir(join(at, 'tree'));
    const place = { tree: join(at, 'tree'), gitDir: join(at, 'git') };
    const isRefused = await placeCommit(access, sha, place, signal).then(
      () => false,
      () => true,
    );
    const opened = await mirrorTree(access, repo.folder, sha, signal).catch((error) => error);
    opened.close?.();
    if (isRefused) {
      expect(opened).toMatchObject({ name: 'BuildFailed' });
      const [, shown = ''] =
        /^git refuses to write (.*), a name or a link/.exec(opened.message) ?? [];
      expect(shown).not.toBe('');
      // The folder is met before what is in it.
      expect(`${names.join('/')}/`.startsWith(`${shown}/`)).toBe(true);
    } else {
      const type = mode === link ? 'link' : 'file';
      expect(opened.find(names.join('/'))).toMatchObject({ type });
    }
  });

  test('a small repository with very many entries is a sentence', async () => {
    const { repo, sha } = await scene.repository({ Dockerfile: 'FROM scratch\n' });
    const { folder } = repo;
    const blob = await gitText(folder, ['rev-parse', `${sha}:Dockerfile`]);
    let entry = `100644 blob ${blob}`;
    for (let depth = 0; depth < 6; depth += 1) {
      const lines = Array.from({ length: 10 }, (_, i) => `${entry}\t${i}\n`).join('');
      entry = `040000 tree ${(await git(folder, ['mktree'], Buffer.from(lines))).toString().trim()}`;
    }
    const commit = await commitOf(folder, entry.split(' ')[2] ?? '');
    const tree = mirrorTree(scene.access(repo), folder, commit, signal);
    await expect(tree).rejects.toMatchObject({
      name: 'BuildFailed',
      message: 'The commit has more than 300,000 files and folders, which is the most.',
    });
  });

  test('one that is not UTF-8 is a sentence', async () => {
    const { repo, sha } = await scene.repository({ Dockerfile: 'FROM scratch\n' });
    const { folder } = repo;
    const blob = await gitText(folder, ['rev-parse', `${sha}:Dockerfile`]);
    const line = Buffer.concat([
      Buffer.from(`100644 blob ${blob}\tcaf`),
      Buffer.from([0xe9, 0]),
      Buffer.from(`100644 blob ${blob}\treal \uFFFD\0`),
    ]);
    const id = (await git(folder, ['mktree', '-z'], line)).toString('utf8').trim();
    const tree = mirrorTree(scene.access(repo), folder, await commitOf(folder, id), signal);
    await expect(tree).rejects.toMatchObject({ name: 'BuildFailed' });
    await expect(tree).rejects.toThrow(/^The name "caf.*" is not UTF-8/);
  });
});

describe('times', () => {
  const second = 1_000_000_000n;
  const times = (commit: { repo: Repository; sha: string }) =>
    withCheckout(commit, false, async ({ tree }) =>
      Object.fromEntries(tree.entries.map(({ path, modifiedAt }) => [path, modifiedAt])),
    );
  const seconds = (all: Record<string, bigint>) =>
    Object.fromEntries(Object.entries(all).map(([path, time]) => [path, Number(time / second)]));

  test('are the commit’s in which a content was seen first', async () => {
    const repo = await scene.github.createRepository('acme', 'times');
    const commit = async (at: number, files: Record<string, string>) => ({
      ...{ repo, sha: await repo.commit({ branch: 'main', files, date: at * 1_000 }) },
    });
    const first = await times(await commit(1_700_000_000, { 'a.txt': 'a', 'b/c.txt': 'c' }));
    expect(seconds(first)).toEqual({
      'a.txt': 1_700_000_000,
      b: 1_700_000_000,
      'b/c.txt': 1_700_000_000,
    });
    const changed = await times(await commit(1_700_000_100, { 'a.txt': 'A' }));
    expect(seconds(changed)).toEqual({ ...seconds(first), 'a.txt': 1_700_000_100 });
    expect(changed['b/c.txt']).toBe(first['b/c.txt']);
    const more = await times(await commit(1_700_000_200, { 'b/d.txt': 'd' }));
    expect(seconds(more)).toMatchObject({ 'a.txt': 1_700_000_100, 'b/d.txt': 1_700_000_200 });
    expect(more['a.txt']).toBe(changed['a.txt']);
  });

  test('of a commit of the far future are the last ones there are', async () => {
    const { repo, sha } = await scene.repository({ 'a.txt': 'a' });
    const text = (await gitText(repo.folder, ['cat-file', 'commit', sha])).replace(
      /(committer .*>) \d+/,
      '$1 99999999999999',
    );
    const args = ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'];
    const far = (await git(repo.folder, args, Buffer.from(`${text}\n`))).toString().trim();
    const tree = await mirrorTree(scene.access(repo), repo.folder, far, signal);
    tree.close();
    expect(tree.committedAt.getUTCFullYear()).toBe(9999);
  });

  test('tell contents of the same size in the same second apart', async () => {
    const date = 1_700_000_000_000;
    const repo = await scene.github.createRepository('acme', 'same-second');
    const commit = async (text: string) => ({
      ...{ repo, sha: await repo.commit({ branch: 'main', files: { 'a.txt': text }, date }) },
    });
    const [one, two] = [await commit('one'), await commit('two')];
    const [first, other, again] = [await times(one), await times(two), await times(one)];
    expect(seconds(other)).toEqual(seconds(first));
    expect(other['a.txt']).not.toBe(first['a.txt']);
    expect(again['a.txt']).toBe(first['a.txt']);
  });

  test('of another mirror have nanoseconds that nobody can work out', async () => {
    const commit = await scene.repository({ 'a.txt': 'a' });
    const here = await times(commit);
    const before = mirrors;
    mirrors = await scene.newMirrors();
    const there = await times(commit);
    mirrors = before;
    expect(seconds(there)).toEqual(seconds(here));
    expect(there['a.txt']).not.toBe(here['a.txt']);
  });
});

describe('attributes', () => {
  const attributed = async (line: string, content: string | Buffer, needsFolder = false) => {
    const commit = await scene.repository({ '.gitattributes': `${line}\n`, 'a.txt': content });
    return withCheckout(commit, needsFolder, async ({ tree, folder }) => {
      const chunks: Buffer[] = [];
      for await (const chunk of tree.read(tree.find('a.txt')!)) chunks.push(chunk);
      return { isWritten: folder !== null, content: Buffer.concat(chunks).toString('latin1') };
    });
  };
  const sized = 'one\ntwo\n';

  test.each([
    ['*.txt text eol=crlf', sized, 'one\r\ntwo\r\n'],
    ['*.txt eol=crlf', sized, 'one\r\ntwo\r\n'],
    ['*.txt ident', '$Id$\n', expect.stringMatching(/^\$Id: [0-9a-f]{40} \$\n$/)],
    [
      '*.txt text working-tree-encoding=UTF-16LE',
      'é\n',
      Buffer.from('é\n', 'utf16le').toString('latin1'),
    ],
    ['*.txt text working-tree-encoding=ISO-8859-1', 'é\n', '\xe9\n'],
    ['[attr]windows text eol=crlf\n*.txt windows', sized, 'one\r\ntwo\r\n'],
    ['*.txt crlf', sized, sized],
  ])('%s', async (line, content, expected) => {
    const read = await attributed(line, content);
    expect(read.content).toEqual(expected);
    expect(read.isWritten).toBe(!line.endsWith(' crlf'));
  });

  test.each(['* text=auto', '* text=auto eol=lf', '*.txt text', '*.txt -text diff=x merge=union'])(
    '%s has nothing to convert',
    async (line) => {
      const content = 'one\ntwo\n';
      expect(await attributed(line, content)).toEqual({ isWritten: false, content });
      expect(await attributed(line, content, true)).toEqual({ isWritten: true, content });
    },
  );

  test('in a folder below count too, and those of a link do not', async () => {
    const below = await scene.repository({
      'b/.gitattributes': '* eol=crlf\n',
      'b/a.txt': 'a\n',
      'a.txt': 'a\n',
    });
    await withCheckout(below, false, async ({ tree, folder }) => {
      expect(folder).not.toBeNull();
      expect(await textOf(tree, tree.find('b/a.txt')!)).toBe('a\r\n');
      expect(await textOf(tree, tree.find('a.txt')!)).toBe('a\n');
    });
    const linked = await scene.repository({
      attributes: '* eol=crlf\n',
      '.gitattributes': { symlink: 'attributes' },
      'a.txt': 'a\n',
    });
    for (const needsFolder of [false, true])
      await withCheckout(linked, needsFolder, async ({ tree, folder }) => {
        expect(folder === null).toBe(!needsFolder);
        expect(await textOf(tree, tree.find('a.txt')!)).toBe('a\n');
      });
  });
});
