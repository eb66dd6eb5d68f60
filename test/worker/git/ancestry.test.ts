import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isAncestor } from '../../../worker/git/ancestry.ts';
import { mirrorCommit } from '../../../worker/git/mirror.ts';
import type { Mirrors } from '../../../worker/git/mirrors.ts';
import { git, gitText } from '../../github/git.ts';
import type { Repository } from '../../github/repository.ts';
import { type MirrorScene, packsOf, startMirrorScene } from './mirror-scene.ts';

let scene: MirrorScene;
const never = new AbortController().signal;

beforeAll(async () => {
  scene = await startMirrorScene();
});
afterAll(async () => {
  expect(scene.github.violations).toEqual([]);
  await scene.close();
});

const asked = (
  mirrors: Mirrors,
  repo: Repository,
  [older, newer]: [string, string],
  { url = repo.cloneUrl, signal = never } = {},
) => isAncestor(mirrors, scene.access(repo, url), repo.id, { older, newer }, signal);

const historyOf = (mirrors: Mirrors, repo: Repository): string =>
  join(mirrors.folder, String(repo.id), 'history');

/** The first commit, two that follow on it one after the other, and one that follows beside them. */
async function family() {
  const { repo, sha: first } = await scene.repository({ 'large.bin': randomBytes(200_000) });
  const second = await repo.commit({ branch: 'main', files: { 'a.txt': 'second' } });
  const third = await repo.commit({ branch: 'main', files: { 'a.txt': 'third' } });
  const other = await repo.commit({ parent: first, files: { 'a.txt': 'other' } });
  return { repo, first, second, third, other };
}

describe.each([
  ['a host that sends commits alone', true],
  ['a host that sends all or nothing', false],
])('%s', (_, knowsFilters) => {
  const prepared = async () => {
    const all = await family();
    await git(all.repo.folder, ['config', 'uploadpack.allowFilter', String(knowsFilters)]);
    return { ...all, mirrors: await scene.newMirrors() };
  };

  test('tells which commit follows on which', async () => {
    const { repo, first, second, third, other, mirrors } = await prepared();
    expect(await asked(mirrors, repo, [first, third])).toBe(true);
    expect(await asked(mirrors, repo, [third, first])).toBe(false);
    expect(await asked(mirrors, repo, [second, other])).toBe(false);
    expect(await asked(mirrors, repo, [other, third])).toBe(false);
    expect(await asked(mirrors, repo, [first, other])).toBe(true);
    expect(await asked(mirrors, repo, [third, third])).toBe(true);
    const merge = await repo.commit({ parent: [third, other], files: {} });
    expect(await asked(mirrors, repo, [other, merge])).toBe(true);
    expect(await asked(mirrors, repo, [merge, other])).toBe(false);
  });

  test('is asked for no commit twice, and for files only if it cannot do without', async () => {
    const { repo, first, third, mirrors } = await prepared();
    expect(await asked(mirrors, repo, [first, third])).toBe(true);
    const before = scene.requests(repo);
    expect(await asked(mirrors, repo, [third, first])).toBe(false);
    expect(scene.requests(repo)).toBe(before);
    const args = ['cat-file', '--batch-check', '--batch-all-objects'];
    const listing = await gitText(historyOf(mirrors, repo), args);
    expect(listing.match(/ commit /g)).toHaveLength(3);
    expect(/ (tree|blob) /.test(listing)).toBe(!knowsFilters);
  });

  test('tells nothing of a commit that is gone', async () => {
    const { repo, first, third, mirrors } = await prepared();
    expect(await asked(mirrors, repo, ['a'.repeat(40), third])).toBeNull();
    expect(await asked(mirrors, repo, [third, 'a'.repeat(40)])).toBeNull();
    expect(await asked(mirrors, repo, [first, third])).toBe(true);
  });

  test('is asked often, and the packs stay few', async () => {
    const { repo, first, mirrors } = await prepared();
    let last = first;
    for (let number = 0; number < 55; number += 1) {
      const next = await repo.commit({ parent: last, files: { 'a.txt': `number ${number}` } });
      expect(await asked(mirrors, repo, [last, next])).toBe(true);
      last = next;
    }
    expect(await asked(mirrors, repo, [first, last])).toBe(true);
    expect(await asked(mirrors, repo, [last, first])).toBe(false);
    expect((await packsOf(historyOf(mirrors, repo))).length).toBeLessThan(50);
  });
});

describe('a host that does not answer', () => {
  test('because nobody listens tells nothing', async () => {
    const { repo, first, third } = await family();
    const mirrors = await scene.newMirrors();
    const url = 'http://127.0.0.1:1/acme/repo.git';
    expect(await asked(mirrors, repo, [first, third], { url })).toBeNull();
    expect(await asked(mirrors, repo, [first, third])).toBe(true);
  });

  test('is waited for no longer than the signal says, which is then the reason', async () => {
    const { repo, first, third } = await family();
    const mirrors = await scene.newMirrors();
    const sockets = new Set<Socket>();
    const stop = new AbortController();
    const reason = new Error('Cancelled by somebody');
    const silent = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      stop.abort(reason);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/acme/repo.git`;
      const answer = asked(mirrors, repo, [first, third], { url, signal: stop.signal });
      await expect(answer).rejects.toBe(reason);
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    }
    expect(await readdir(join(mirrors.folder, String(repo.id), 'pins'))).toEqual([]);
    expect(await asked(mirrors, repo, [first, third])).toBe(true);
  });
});

describe('beside the mirror', () => {
  test('what a killed process left is cleared', async () => {
    const { repo, first, second, third } = await family();
    const mirrors = await scene.newMirrors();
    expect(await asked(mirrors, repo, [first, second])).toBe(true);
    const history = historyOf(mirrors, repo);
    const remains = ['config.lock', `refs/slipway/${third}.lock`, 'objects/pack/tmp_pack_a1B2c3'];
    for (const name of remains) await writeFile(join(history, name), 'half');
    expect(await asked(mirrors, repo, [second, third])).toBe(true);
    expect(remains.filter((name) => existsSync(join(history, name)))).toEqual([]);
  });

  test('a fetch into the mirror takes nothing away from it', async () => {
    const { repo, first, third } = await family();
    const mirrors = await scene.newMirrors();
    const history = historyOf(mirrors, repo);
    await mkdir(history, { recursive: true });
    // As while somebody fetches there, whose lock is another one.
    const held = join(history, 'shallow.lock');
    await writeFile(held, '');
    const { gitDir, release } = await mirrorCommit(mirrors, rightsTo(repo), repo.id, third, never);
    await release();
    expect(existsSync(held)).toBe(true);
    expect(await asked(mirrors, repo, [first, third])).toBe(true);
    await writeFile(join(gitDir, 'HEAD'), 'garbage');
    await (await mirrorCommit(mirrors, rightsTo(repo), repo.id, third, never)).release();
    const before = scene.requests(repo);
    expect(await asked(mirrors, repo, [first, third])).toBe(true);
    expect(scene.requests(repo)).toBe(before);
  });
});

function rightsTo(repo: Repository) {
  const local = scene.access(repo);
  return { local, granted: async () => local };
}
