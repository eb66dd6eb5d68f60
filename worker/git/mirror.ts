import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitAccess, GitFailed, git } from './git.ts';
import { evictMirrors, pinMirror } from './mirror-store.ts';
import type { Mirrors } from './mirrors.ts';

/** A bare repository that holds a commit, and keeps it until `release` is called. */
export type MirroredCommit = { gitDir: string; release: () => Promise<void> };

/** So many packs, of one fetch each, are put together: git looks through all of them. */
const mostPacks = 20;

/** So many of the newest commits stay named, for git to ask only for what follows on them. */
const mostNames = 20;

/**
 * Makes sure that the machine's mirror of a repository holds exactly this commit, without its
 * history: fetches what is new in it, or nothing if it is there. One fetch at a time for each
 * mirror, since two into one fail. What a killed process left half done is cleared first, and a
 * mirror that git finds broken is made anew. Throws GitFailed.
 */
export async function mirrorCommit(
  mirrors: Mirrors,
  access: () => Promise<GitAccess>,
  repositoryId: number,
  sha: string,
  signal: AbortSignal,
): Promise<MirroredCommit> {
  const gitDir = join(mirrors.folder, String(repositoryId));
  return mirrors.lock(gitDir, signal, async (during) => {
    await mkdir(gitDir, { recursive: true });
    const release = await pinMirror(gitDir);
    try {
      if (!existsSync(join(gitDir, nameOf(sha)))) {
        await fetchInto(gitDir, await access(), sha, during);
        await evictMirrors(mirrors, gitDir);
      }
      return { gitDir, release };
    } catch (error) {
      await release();
      throw error;
    }
  });
}

async function fetchInto(gitDir: string, access: GitAccess, sha: string, signal: AbortSignal) {
  const isNew = !existsSync(join(gitDir, 'HEAD'));
  try {
    await fetchCommit(gitDir, access, sha, signal);
  } catch (error) {
    if (isNew || !(error instanceof GitFailed) || !isBroken.test(error.printed)) throw error;
    for (const name of await readdir(gitDir)) {
      if (name !== 'pins') await rm(join(gitDir, name), { recursive: true, force: true });
    }
    await fetchCommit(gitDir, access, sha, signal);
  }
}

async function fetchCommit(gitDir: string, access: GitAccess, sha: string, signal: AbortSignal) {
  const run = (...args: string[]) =>
    git(access, gitDir, ['--git-dir=.', ...args], signal, {
      // Never loose objects, so that a mirror is a few files however large it is.
      settings: [['fetch.unpackLimit', '1']],
    });
  await clearRemains(gitDir);
  if (!existsSync(join(gitDir, 'HEAD'))) {
    await git(access, gitDir, ['init', '--quiet', '--template=', '--bare', '.'], signal);
  }
  await packTogether(gitDir, run);
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--depth=1'];
  await run('fetch', ...options, access.url, `+${sha}:${nameOf(sha)}`);
}

/** The name that keeps a commit; it is written once the commit is there whole. */
const nameOf = (sha: string): string => `refs/slipway/${sha}`;

/** What git says of a repository whose files are damaged, and not of one that it cannot reach. */
const isBroken =
  /corrupt|not a git repository|bad (object|tree|ref|signature|index)|does not point to a valid|unable to (read|parse|find) |missing (blob|tree|commit|object)|is too small|packfile|index file|shallow file|broken/i;

/** Nobody else is at work in the mirror, so locks and half a pack are a killed process's. */
async function clearRemains(gitDir: string): Promise<void> {
  const names = await readdir(gitDir, { recursive: true });
  for (const name of names) {
    if (/\.lock$|(^|\/)tmp_\w+$/.test(name)) await rm(join(gitDir, name), { force: true });
  }
}

/** Builds that read from the mirror meanwhile find everything: git looks again for what moved. */
async function packTogether(gitDir: string, run: (...args: string[]) => Promise<string>) {
  const packs = await readdir(join(gitDir, 'objects/pack')).catch(() => []);
  if (packs.filter((name) => name.endsWith('.pack')).length < mostPacks) return;
  const names = await run('for-each-ref', '--sort=-committerdate', '--format=%(refname)');
  for (const name of names.split('\n').filter(Boolean).slice(mostNames)) {
    await run('update-ref', '-d', name);
  }
  await run('repack', '--quiet', '-d', '--geometric=2');
}
