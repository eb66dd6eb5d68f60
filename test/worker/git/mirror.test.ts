import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { textOf } from '../../../worker/git/file-tree.ts';
import { mirrorCommit } from '../../../worker/git/mirror.ts';
import { mirrorTree } from '../../../worker/git/mirror-tree.ts';
import { mirroredTree } from '../../../worker/git/mirrored-tree.ts';
import type { Mirrors } from '../../../worker/git/mirrors.ts';
import { gitText } from '../../github/git.ts';
import type { Repository } from '../../github/repository.ts';
import { type MirrorScene, packsOf, startMirrorScene } from './mirror-scene.ts';
import { mirrorsIn } from './mirrors-in.ts';
import { stallingForwarder } from './stalling-forwarder.ts';

let scene: MirrorScene;
const signal = new AbortController().signal;

beforeAll(async () => {
  scene = await startMirrorScene();
});
afterAll(async () => {
  expect(scene.github.violations).toEqual([]);
  await scene.close();
});

const rights = (repo: Repository) => {
  const local = scene.access(repo);
  return { local, granted: async () => local };
};

const mirrored = (mirrors: Mirrors, repo: Repository, sha: string) =>
  mirrorCommit(mirrors, rights(repo), repo.id, sha, signal);

/** The text of a file in a commit, read from the mirror. */
async function readFrom(gitDir: string, repo: Repository, sha: string, path = 'a.txt') {
  const tree = await mirrorTree(scene.access(repo), gitDir, sha, signal);
  try {
    return await textOf(tree, tree.find(path)!);
  } finally {
    tree.close();
  }
}

async function mirroredText(mirrors: Mirrors, repo: Repository, sha: string): Promise<string> {
  const { mirror, tree } = await mirroredTree(mirrors, rights(repo), repo.id, sha, signal);
  try {
    return await textOf(tree, tree.find('a.txt')!);
  } finally {
    tree.close();
    await mirror.release();
  }
}

describe('what is fetched', () => {
  test('one commit once, another only as far as it is new', async () => {
    const mirrors = await scene.newMirrors();
    const { repo, sha } = await scene.repository({
      'a.txt': 'first',
      'large/file.bin': randomBytes(500_000),
    });
    const { gitDir } = await mirrored(mirrors, repo, sha);
    const packs = await packsOf(gitDir);
    expect(packs).toHaveLength(1);
    const after = scene.requests(repo);
    expect(after).toBeGreaterThan(0);
    expect(await mirroredText(mirrors, repo, sha)).toBe('first');
    expect(scene.requests(repo)).toBe(after);

    const second = await repo.commit({ branch: 'main', files: { 'a.txt': 'second' } });
    expect(await mirroredText(mirrors, repo, second)).toBe('second');
    expect(scene.requests(repo)).toBeGreaterThan(after);
    const [added = '', ...others] = (await packsOf(gitDir)).filter((name) => !packs.includes(name));
    expect(others).toEqual([]);
    const listing = await gitText(join(gitDir, 'objects/pack'), [
      'verify-pack',
      '-v',
      `${added}.idx`,
    ]);
    // The commit, its folder and the file, perhaps with the folder that it is told apart from.
    const objects = listing.split('\n').filter((line) => /^[0-9a-f]{40} /.test(line));
    expect(objects.length).toBeLessThanOrEqual(4);
    expect((await stat(join(gitDir, 'objects/pack', `${added}.pack`))).size).toBeLessThan(5_000);
    const loose = (await readdir(join(gitDir, 'objects'))).filter((name) => name.length === 2);
    expect(loose).toEqual([]);
  });

  test('nothing of the commits before', async () => {
    const mirrors = await scene.newMirrors();
    const { repo, sha } = await scene.repository({ 'a.txt': 'first' });
    const second = await repo.commit({ branch: 'main', files: { 'a.txt': 'second' } });
    const { gitDir } = await mirrored(mirrors, repo, second);
    await expect(readFrom(gitDir, repo, sha)).rejects.toMatchObject({ name: 'GitFailed' });
  });

  test('ten at once of five commits: all come, and each can be read', async () => {
    const mirrors = await scene.newMirrors();
    const { repo } = await scene.repository({ 'a.txt': 'first' });
    const texts = ['one', 'two', 'three', 'four', 'five'];
    const commits: { sha: string; text: string }[] = [];
    for (const text of texts) {
      const sha = await repo.commit({ branch: 'main', files: { 'a.txt': text } });
      commits.push({ sha, text });
    }
    const before = scene.requests(repo);
    const read = [...commits, ...commits].map(({ sha }) => mirroredText(mirrors, repo, sha));
    expect(await Promise.all(read)).toEqual([...texts, ...texts]);
    const oneFetch = (scene.requests(repo) - before) / texts.length;
    expect(oneFetch).toBeLessThanOrEqual(3);
  });

  test('a commit that is gone is an error, and the mirror stays good', async () => {
    const mirrors = await scene.newMirrors();
    const { repo, sha } = await scene.repository({ 'a.txt': 'first' });
    const { gitDir } = await mirrored(mirrors, repo, sha);
    await expect(mirrored(mirrors, repo, 'a'.repeat(40))).rejects.toMatchObject({
      name: 'GitFailed',
    });
    expect(await readdir(join(gitDir, 'pins'))).toHaveLength(1);
    expect(await mirroredText(mirrors, repo, sha)).toBe('first');
  });
});

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').map(Number);
}

describe('what a killed process leaves', () => {
  test('locks and halves of packs are cleared', async () => {
    const mirrors = await scene.newMirrors();
    const { repo, sha } = await scene.repository({ 'a.txt': 'first' });
    const { gitDir, release } = await mirrored(mirrors, repo, sha);
    await release();
    const second = await repo.commit({ branch: 'main', files: { 'a.txt': 'second' } });
    const [pack = ''] = await packsOf(gitDir);
    const remains = [
      'shallow.lock',
      'config.lock',
      `refs/slipway/${second}.lock`,
      'objects/pack/tmp_pack_a1B2c3',
      'objects/pack/tmp_idx_a1B2c3',
      `objects/pack/.tmp-4711-${pack}.pack`,
      `objects/pack/${pack}.keep`,
    ];
    for (const name of remains) await writeFile(join(gitDir, name), 'half');
    expect(await mirroredText(mirrors, repo, second)).toBe('second');
    expect(remains.filter((name) => existsSync(join(gitDir, name)))).toEqual([]);
    expect(await mirroredText(mirrors, repo, sha)).toBe('first');
  });

  test.each([
    ['with its git, as where a container is killed', true],
    ['without its git, which goes on', false],
  ])('SIGKILL in the middle of a fetch, %s, leaves a mirror that works', async (_, withGit) => {
    const folder = await scene.newFolder();
    const mirrors = mirrorsIn(folder);
    const { repo, sha } = await scene.repository({
      'a.txt': 'first',
      'large.bin': randomBytes(3_000_000),
    });
    const slow = await stallingForwarder(Number(new URL(scene.github.url).port), 1_000_000);
    const url = repo.cloneUrl.replace(/:\d+/, `:${slow.port}`);
    const program = fileURLToPath(new URL('./mirror-process.js', import.meta.url));
    const args = [program, folder, String(repo.id), url, sha];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const gitDir = join(mirrors.folder, String(repo.id));
    try {
      const halves = async () =>
        (await readdir(join(gitDir, 'objects/pack')).catch(() => [])).filter((name) =>
          name.startsWith('tmp_pack_'),
        );
      while ((await halves()).length === 0) {
        expect(child.exitCode).toBeNull();
        await sleep(20);
      }
      const ended = once(child, 'exit');
      const [git] = await childrenOf(child.pid!);
      child.kill('SIGKILL');
      // It leads a group with all its helpers.
      if (withGit) process.kill(-git!, 'SIGKILL');
      await ended;
      expect(await halves()).toHaveLength(1);
      expect(await mirroredText(mirrors, repo, sha)).toBe('first');
      expect(await halves()).toEqual([]);
    } finally {
      if (child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid!, 'SIGKILL');
      await slow.close();
    }
  });
});

describe('a mirror that is damaged is made anew', () => {
  const cut = async (gitDir: string, ending: string, length: number) => {
    const [pack = ''] = await packsOf(gitDir);
    await truncate(join(gitDir, 'objects/pack', `${pack}${ending}`), length);
  };
  const write = (gitDir: string, name: string, text: string) => writeFile(join(gitDir, name), text);
  const damages: [string, (gitDir: string, sha: string) => Promise<void>][] = [
    ['a pack cut in the middle', (gitDir) => cut(gitDir, '.pack', 5_000)],
    ['an empty pack', (gitDir) => cut(gitDir, '.pack', 0)],
    ['an index cut in the middle', (gitDir) => cut(gitDir, '.idx', 1_100)],
    ['an empty index', (gitDir) => cut(gitDir, '.idx', 0)],
    ['a HEAD of garbage', (gitDir) => write(gitDir, 'HEAD', 'garbage\0\u0001')],
    ['an empty HEAD', (gitDir) => write(gitDir, 'HEAD', '')],
    ['a config of garbage', (gitDir) => write(gitDir, 'config', '[core\n\0garbage')],
    ['an empty config', (gitDir) => write(gitDir, 'config', '')],
    ['a list of cut-off commits of garbage', (gitDir) => write(gitDir, 'shallow', 'garbage\n')],
    ['an empty name of the commit', (gitDir, sha) => write(gitDir, `refs/slipway/${sha}`, '')],
  ];

  test.each(damages)('%s', async (_, damage) => {
    const { repo, sha } = await scene.repository({
      'a.txt': 'first',
      'large.bin': randomBytes(20_000),
    });
    const second = await repo.commit({ branch: 'main', files: { 'a.txt': 'second' } });
    for (const wanted of [sha, second]) {
      const mirrors = await scene.newMirrors();
      const { gitDir, release } = await mirrored(mirrors, repo, sha);
      await damage(gitDir, sha);
      const text = await mirroredText(mirrors, repo, wanted);
      expect(text).toBe(wanted === sha ? 'first' : 'second');
      await release();
      expect(await readdir(join(gitDir, 'pins'))).toEqual([]);
      expect(await mirroredText(mirrors, repo, sha)).toBe('first');
      const third = await repo.commit({ parent: second, files: { 'a.txt': 'third' } });
      expect(await mirroredText(mirrors, repo, third)).toBe('third');
    }
  });
});

test('bytes damaged in the middle of a pack fail the reading, and the next finds a new mirror', async () => {
  const mirrors = await scene.newMirrors();
  const text = randomBytes(20_000).toString('hex');
  const { repo, sha } = await scene.repository({ 'a.txt': text });
  const { gitDir, release } = await mirrored(mirrors, repo, sha);
  await release();
  const [pack = ''] = await packsOf(gitDir);
  const file = await open(join(gitDir, 'objects/pack', `${pack}.pack`), 'r+');
  await file.write(Buffer.alloc(200, 0x55), 0, 200, 10_000);
  await file.close();
  await expect(mirroredText(mirrors, repo, sha)).rejects.toMatchObject({ name: 'GitFailed' });
  expect(await mirroredText(mirrors, repo, sha)).toBe(text);
});

test('many packs are put together, and who reads meanwhile finds everything', async () => {
  const mirrors = await scene.newMirrors();
  const { repo, sha } = await scene.repository({ 'a.txt': 'first' });
  const { gitDir } = await mirrored(mirrors, repo, sha);
  const reader = await mirrorTree(scene.access(repo), gitDir, sha, signal);
  try {
    const shas: string[] = [];
    for (let number = 0; number < 24; number += 1) {
      const date = Date.now() + number * 1_000;
      const files = { 'a.txt': `number ${number}` };
      shas.push(await repo.commit({ branch: 'main', files, date }));
      await (await mirrored(mirrors, repo, shas.at(-1)!)).release();
    }
    expect((await packsOf(gitDir)).length).toBeLessThan(15);
    expect(await textOf(reader, reader.find('a.txt')!)).toBe('first');
    expect(await readFrom(gitDir, repo, sha)).toBe('first');
    expect(await mirroredText(mirrors, repo, shas[0]!)).toBe('number 0');
    expect(await mirroredText(mirrors, repo, shas.at(-1)!)).toBe('number 23');
    // Commits of long ago lose their names.
    expect((await readdir(join(gitDir, 'refs/slipway'))).length).toBeLessThan(26);
  } finally {
    reader.close();
  }
});

describe('when mirrors are larger than the limit', () => {
  /** Mirrors of 200 kB, each used later than the one before it, of which three are too many. */
  const several = async (count: number) => {
    const mirrors = await scene.newMirrors(500_000);
    const all: { repo: Repository; sha: string; path: string }[] = [];
    for (let number = 0; number < count; number += 1) {
      const { repo, sha } = await scene.repository({ 'a.txt': 'a', large: randomBytes(200_000) });
      all.push({ repo, sha, path: join(mirrors.folder, String(repo.id)) });
    }
    const fetch = async (number: number) => {
      const { repo, sha } = all[number]!;
      const { release } = await mirrored(mirrors, repo, sha);
      return async () => {
        await release();
        // The clock of a file system may go in steps of that length.
        await sleep(20);
      };
    };
    return {
      ...{ mirrors, all, fetch },
      use: async (number: number) => (await fetch(number))(),
      there: () => all.flatMap(({ path }, number) => (existsSync(path) ? [number] : [])),
    };
  };

  test('the one unused for longest goes', async () => {
    const { mirrors, all, use, there } = await several(3);
    await use(0);
    await use(1);
    await use(0);
    expect(there()).toEqual([0, 1]);
    await use(2);
    expect(there()).toEqual([0, 2]);
    expect((await readdir(mirrors.folder)).sort()).toEqual(
      [0, 2].map((number) => String(all[number]!.repo.id)),
    );
    // It comes back as if it were new.
    await use(1);
    expect(there()).toEqual([1, 2]);
  });

  test('one that is in use stays, and so does the one that was fetched', async () => {
    const { fetch, use, there } = await several(4);
    const release = await fetch(0);
    await use(1);
    await use(2);
    expect(there()).toEqual([0, 2]);
    await release();
    await use(3);
    // It was released after the other was used.
    expect(there()).toEqual([0, 3]);
  });

  test('what is too large for the limit alone stays while it is the one that is wanted', async () => {
    const mirrors = await scene.newMirrors(1_000);
    const { repo, sha } = await scene.repository({ 'a.txt': 'a', large: randomBytes(200_000) });
    expect(await mirroredText(mirrors, repo, sha)).toBe('a');
  });

  test.each([
    ['a process that is gone', '999999999'],
    ['an earlier process of the same number', String(process.pid)],
  ])('%s keeps nothing', async (_, pid) => {
    const { hostname } = await import('node:os');
    const { all, use, there } = await several(3);
    await use(0);
    await writeFile(join(all[0]!.path, 'pins', `${hostname()}:${pid}:x`), '');
    await use(1);
    await use(2);
    expect(there()).toEqual([1, 2]);
  });

  test('another machine’s process keeps it, and what was half removed vanishes', async () => {
    const { mirrors, all, use, there } = await several(3);
    await use(0);
    await writeFile(join(all[0]!.path, 'pins', 'another-machine:1:x'), '');
    const left = join(mirrors.folder, '.gone-1234');
    await mkdir(join(left, 'objects'), { recursive: true });
    await use(1);
    expect(existsSync(left)).toBe(false);
    await use(2);
    expect(there()).toEqual([0, 2]);
  });
});
