import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitAccess, GitFailed, git } from './git.ts';
import { evictMirrors, historyName, isDoubted, keptName, pinMirror } from './mirror-store.ts';
import type { Mirrors } from './mirrors.ts';

/** Access to what is on this machine, and to the repository itself, which has to be asked for. */
export type LazyAccess = { local: GitAccess; granted: () => Promise<GitAccess> };

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
  access: LazyAccess,
  repositoryId: number,
  sha: string,
  signal: AbortSignal,
): Promise<MirroredCommit> {
  const gitDir = join(mirrors.folder, String(repositoryId));
  return mirrors.lock(gitDir, signal, async (during) => {
    await mkdir(gitDir, { recursive: true });
    const release = await pinMirror(gitDir);
    try {
      if (isDoubted(gitDir)) await empty(gitDir);
      if (!existsSync(join(gitDir, keptName(sha)))) {
        await fetchInto(gitDir, await access.granted(), sha, during);
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
    // What git had of a pack when it failed is of use to nobody, and may be what fills the disk.
    if (!signal.aborted) await clearRemains(gitDir);
    if (isNew || !(error instanceof GitFailed) || !isDamage(error.printed)) throw error;
    await empty(gitDir);
    await fetchCommit(gitDir, access, sha, signal);
  }
}

/** Removes all but the pins, which others hold, and what has a lock of its own. */
async function empty(gitDir: string): Promise<void> {
  for (const name of await readdir(gitDir)) {
    if (kept.includes(name)) continue;
    await rm(join(gitDir, name), { recursive: true, force: true });
  }
}

const kept = ['pins', historyName];

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
  await run('fetch', ...options, access.url, `+${sha}:${keptName(sha)}`);
}

/** Whether git speaks of a repository whose files are damaged, and not of one that it cannot reach. */
const isDamage = (printed: string): boolean =>
  !/no space left|quota exceeded/i.test(printed) &&
  damage.test(printed.replace(/^remote:.*$/gm, ''));

const damage =
  /corrupt|not a git repository|bad (object|tree|ref|signature|index|shallow|config)|does not point to a valid|unable to (read|parse|find) |missing (blob|tree|commit|object)|is too small|packfile \S*\.pack|(GIT|a) packfile|index file|shallow file|broken/i;

/**
 * Removes locks, halves of packs and marks that keep a pack from being put together with others:
 * with the lock on a bare repository held, all of them are a killed process's.
 */
export async function clearRemains(gitDir: string): Promise<void> {
  const names = await readdir(gitDir, { recursive: true });
  for (const name of names) {
    if (name.startsWith(`${historyName}/`) || !isRemains.test(name)) continue;
    await rm(join(gitDir, name), { force: true });
  }
}

const isRemains = /\.lock$|\.keep$|(^|\/)(tmp_\w+|\.tmp-[^/]+)$/;

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
