import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { getBuild, type Store } from '../../queue/build-store.ts';
import { listWorkers } from '../../queue/workers.ts';

/** Where an attempt has its files while it runs. */
export const attemptFolder = (
  dataDir: string,
  { id, fence }: { id: string; fence: number },
): string => resolve(dataDir, 'builds', `${id}-${fence}`);

/** A folder's name: the build's id and the attempt's fence. */
const parts = /^(.+)-(\d+)$/;

/** Makes an attempt's folder anew, and removes those that killed attempts of its build left here. */
export async function makeAttemptFolder(
  dataDir: string,
  { id, fence }: { id: string; fence: number },
): Promise<string> {
  const folder = attemptFolder(dataDir, { id, fence });
  for (const name of await readdir(dirname(folder)).catch(() => [])) {
    const [, whose, earlier] = parts.exec(name) ?? [];
    if (whose === id && Number(earlier) <= fence)
      await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * Removes the folders of attempts that were killed, and answers how many bytes that freed. Other
 * workers may have theirs in the same place: one whose build is still running at that attempt stays,
 * and so does one whose worker is there, which shares layers after the end. What is of no build we
 * know stays for a day: Redis may have been put back to an earlier state.
 */
export async function removeDeadFolders(store: Store, dataDir: string): Promise<number> {
  const folder = resolve(dataDir, 'builds');
  let freed = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const [, id, fence] = parts.exec(name) ?? [];
    const path = join(folder, name);
    if (!id || !(await isDead(store, id, Number(fence), path))) continue;
    const size = await sizeOf(path);
    await rm(path, { recursive: true, force: true });
    freed += size;
  }
  return freed;
}

/** How long a folder is kept of whose build nothing is known, in milliseconds. */
const unknownFor = 24 * 3_600_000;

async function isDead(store: Store, id: string, fence: number, path: string): Promise<boolean> {
  const build = await getBuild(store, id);
  if (!build) {
    const { mtimeMs } = await lstat(path).catch(() => ({ mtimeMs: Date.now() }));
    return Date.now() - mtimeMs > unknownFor;
  }
  if (build.fence !== fence) return build.fence > fence;
  if (build.state === 'running') return false;
  return !(await listWorkers(store)).some(({ name }) => name === build.worker);
}

/** What the files below a folder take on disk, in bytes. */
async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  let sum = 0;
  // One by one: there may be a hundred thousand of them.
  for (const name of names) {
    const { blocks } = await lstat(join(folder, name)).catch(() => ({ blocks: 0 }));
    sum += blocks * 512;
  }
  return sum;
}
