import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import type { Commit } from '../forge.ts';
import type { RefHead } from '../sweep/installed.ts';

/** The names `owner/name` of all bare repositories in a folder. */
export async function repositoriesIn(folder: string): Promise<string[]> {
  const owners = await foldersIn(folder);
  const names = await Promise.all(
    owners.map(async (owner) =>
      (await foldersIn(join(folder, owner)))
        .filter((name) => name.endsWith('.git'))
        .map((name) => `${owner}/${name.slice(0, -'.git'.length)}`),
    ),
  );
  return names.flat();
}

/** Every branch and tag of a bare repository with what it points at. */
export async function refsOf(folder: string): Promise<Map<string, RefHead>> {
  const format = '--format=%(objectname) %(objecttype) %(refname)';
  const patterns = ['refs/heads', 'refs/tags'];
  const { stdout } = await git(folder, 'for-each-ref', format, ...patterns);
  const lines = stdout.split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [sha = '', type = '', ref = ''] = line.split(' ');
      return [ref, { sha, type }];
    }),
  );
}

/** The commit that an object id or a full ref stands for; null if there is none. */
export async function commitAt(folder: string, name: string): Promise<Omit<Commit, 'ref'> | null> {
  const format = '--format=%H%x00%an%x00%cI%x00%B';
  const answer = await orNull(() => git(folder, 'log', '-1', format, `${name}^{commit}`, '--'));
  if (answer === null) return null;
  const [sha = '', author = '', committedAt = '', message = ''] = answer.stdout.split('\0');
  return { sha, message, author, committedAt };
}

/** Whether one commit follows on another. */
export async function isAncestor(folder: string, older: string, newer: string): Promise<boolean> {
  return (await orNull(() => git(folder, 'merge-base', '--is-ancestor', older, newer))) !== null;
}

/**
 * When a ref was moved last, in seconds since the epoch: git writes a file for each, and all into one
 * when it tidies up, which counts as a move.
 */
export async function movedAt(folder: string, ref: string): Promise<number> {
  for (const name of [ref, 'packed-refs']) {
    const file = await stat(join(folder, name)).catch(() => null);
    if (file?.isFile()) return file.mtimeMs / 1_000;
  }
  return Date.now() / 1_000;
}

/** By its own name, since git would take a folder that is no repository yet for part of one around it. */
const git = (folder: string, ...args: string[]) => execa('git', ['--git-dir', folder, ...args]);

/** What git answers, or null where it fails, as it does for what is not there. */
async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ExecaError && error.exitCode !== undefined) return null;
    throw error;
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
