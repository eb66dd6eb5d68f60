import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archive } from './archive.ts';
import type { Store } from './build-store.ts';
import { removeLogScript } from './log-scripts.ts';

/**
 * Removes the archived logs that are older than `age` milliseconds, and says so in their records.
 * Whatever else that old lies between them goes too: logs whose record is gone, and files that a
 * process did not live to finish. Nothing younger does, so that a process with the wrong Redis does
 * no harm at once. Ends early when the signal fires. Returns how many files were removed.
 */
export async function removeLogs(
  store: Store,
  archive: Archive,
  age: number,
  signal: AbortSignal,
): Promise<number> {
  const oldest = Date.now() - age;
  let removed = 0;
  for (const folder of await namesIn(archive.folder)) {
    for (const name of await namesIn(join(archive.folder, folder))) {
      const [, id, end] = /^([\w-]+)\.ndjson\.gz(\.[\w-]+)?$/.exec(name) ?? [];
      const file = join(archive.folder, folder, name);
      if (signal.aborted) return removed;
      if (id === undefined || !(await isOlder(file, oldest))) continue;
      // The record first: a reader is told that the log is gone, never that it cannot be read.
      if (end === undefined) await mark(store, id);
      await rm(file, { force: true });
      removed += 1;
    }
  }
  return removed;
}

async function mark({ redis, keys }: Store, id: string): Promise<void> {
  const now = JSON.stringify(new Date().toISOString());
  await redis.eval(removeLogScript, 1, keys.build(id), now);
}

/** What is in a folder; nothing where there is no folder. */
const namesIn = async (folder: string): Promise<string[]> =>
  (await ifThere(() => readdir(folder))) ?? [];

/** Whether a file was written last before a time; false for one that another has removed. */
async function isOlder(file: string, time: number): Promise<boolean> {
  const found = await ifThere(() => stat(file));
  return found !== null && found.mtimeMs < time;
}

async function ifThere<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
