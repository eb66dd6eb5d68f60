import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Mirrors } from './mirrors.ts';

/** The name that keeps a commit in a bare repository; it is written once the commit is there whole. */
export const keptName = (sha: string): string => `refs/slipway/${sha}`;

/**
 * In a mirror's folder the repository with the commits that follow on each other, without their
 * files; it has a lock of its own.
 */
export const historyName = 'history';

/** What marks a mirror in which something could not be read; it goes with the rest of the mirror. */
const doubtName = 'doubted';

/** Has a mirror made anew before it is next read from, since something in it could not be read. */
export const doubtMirror = (gitDir: string): Promise<void> =>
  writeFile(join(gitDir, doubtName), '');

/** Whether a mirror is to be made anew. */
export const isDoubted = (gitDir: string): boolean => existsSync(join(gitDir, doubtName));

/** A pin older than this is a dead process's, whatever machine that was on, in milliseconds. */
const longestUse = 24 * 3_600_000;

/**
 * Keeps a mirror from being removed while it is read from, and notes that it was used. Returns what
 * ends that. A pin names its process, so that a killed one keeps nothing for long.
 */
export async function pinMirror(gitDir: string): Promise<() => Promise<void>> {
  const pins = join(gitDir, 'pins');
  const name = `${hostname()}:${process.pid}:${randomUUID()}`;
  await mkdir(pins, { recursive: true });
  own.add(name);
  await writeFile(join(pins, name), '');
  const now = new Date();
  await utimes(pins, now, now);
  return async () => {
    own.delete(name);
    await rm(join(pins, name), { force: true });
  };
}

/** This process's pins. In a container that starts again, one before it had the same number. */
const own = new Set<string>();

/**
 * Removes whole mirrors, the one unused for longest first, until all of them together are within
 * the limit; never `keep`, and none that is in use. Call it with the lock on `keep` held.
 */
export const evictMirrors = (mirrors: Mirrors, keep: string): Promise<number> =>
  shrinkMirrors(mirrors, () => mirrors.limit, keep);

/**
 * The same down to what `limit` says of all that they take together, in bytes. Answers how many
 * bytes that freed.
 */
export async function shrinkMirrors(
  { folder, lock }: Mirrors,
  limit: (total: number) => number,
  keep?: string,
): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(gone))) await remove(join(folder, name));
  const mirrors = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map((name) => join(folder, name))
      .map(async (path) => ({ path, size: await sizeOf(path), usedAt: await usedAt(path) })),
  );
  const total = mirrors.reduce((sum, { size }) => sum + size, 0);
  const most = limit(total);
  let freed = 0;
  for (const { path, size } of mirrors.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total - freed <= most) break;
    if (path === keep) continue;
    const removed = lock(path, AbortSignal.timeout(patience), async () => {
      if (await isPinned(path)) return false;
      // At once out of everybody's way: nobody is to find half a mirror.
      const away = join(folder, `${gone}${randomUUID()}`);
      await rename(path, away);
      await remove(away);
      return true;
    });
    // A lock that does not come in time is held by somebody who fetches: that one is in use.
    if (await removed.catch(() => false)) freed += size;
  }
  return freed;
}

const gone = '.gone-';

/** How long another process may keep a mirror's lock before it counts as in use, in milliseconds. */
const patience = 1_000;

const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

/** Everything large in a mirror is a pack, of its own or of its commits' history. */
const sizeOf = async (gitDir: string): Promise<number> =>
  (await sizeOfPacks(gitDir)) + (await sizeOfPacks(join(gitDir, historyName)));

async function sizeOfPacks(gitDir: string): Promise<number> {
  const packs = join(gitDir, 'objects/pack');
  const names = await readdir(packs).catch(() => []);
  const sizes = names.map((name) => stat(join(packs, name)).then(({ size }) => size, nothing));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const usedAt = (gitDir: string): Promise<number> =>
  stat(join(gitDir, 'pins')).then(({ mtimeMs }) => mtimeMs, nothing);

const nothing = (): number => 0;

async function isPinned(gitDir: string): Promise<boolean> {
  const pins = join(gitDir, 'pins');
  for (const name of await readdir(pins).catch(() => [])) {
    if (await isHeld(join(pins, name), name)) return true;
    await rm(join(pins, name), { force: true });
  }
  return false;
}

async function isHeld(path: string, name: string): Promise<boolean> {
  const [host, pid] = name.split(':');
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  if (Date.now() - mtimeMs > longestUse) return false;
  if (host !== hostname()) return true;
  return Number(pid) === process.pid ? own.has(name) : isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
