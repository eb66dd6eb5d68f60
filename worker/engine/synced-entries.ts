import { posix } from 'node:path';
import type { BuildContext } from '../git/context.ts';
import type { TreeEntry } from '../git/file-tree.ts';

/** A file as BuildKit is told of it, and where its content is; null for links and folders. */
export type SyncEntry = { stat: Stat; source: TreeEntry | null };

/** https://github.com/tonistiigi/fsutil/blob/master/types/stat.proto; owner and group are root. */
type Stat = { path: string; mode: number; size: number; modTime: Long; linkname: string };

/** A 64-bit number as protobufjs takes it. */
type Long = { low: number; high: number; unsigned: boolean };

/** Go's bits of a file's type (https://pkg.go.dev/io/fs#FileMode). */
const typeBits = { file: 0, folder: 2 ** 31, link: 2 ** 27 };

/** All of a context that its ignore file leaves, with the folders on the way to it. */
export function syncedContext(context: BuildContext): SyncEntry[] {
  const told = new Set<string>();
  return context.entries.flatMap((entry) => {
    const folders = foldersOf(entry.name).filter((folder) => !told.has(folder));
    for (const folder of [...folders, entry.name]) told.add(folder);
    return [...folders, entry.name].flatMap((name) => entryAt(context, name));
  });
}

/** One file of what the ignore file leaves; nothing if it is not among that. */
export const syncedFile = (context: BuildContext, name: string): SyncEntry[] =>
  context.entries.some((entry) => entry.name === name) ? entryAt(context, name) : [];

/** The Dockerfile alone, which may be ignored by what the build sees. */
export const syncedDockerfile = (context: BuildContext): SyncEntry[] =>
  [...foldersOf(context.dockerfile), context.dockerfile].flatMap((name) => entryAt(context, name));

/** The folders that a path goes through, the outermost first. */
const foldersOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, at, names) => names.slice(0, at + 1).join('/'));

function entryAt({ tree, folder }: BuildContext, name: string): SyncEntry[] {
  const entry = tree.find(posix.join(folder, name));
  return entry ? [entryOf(entry, name)] : [];
}

const entryOf = (entry: TreeEntry, path: string): SyncEntry => ({
  stat: {
    ...{ path, mode: modeOf(entry.type, entry.mode), size: entry.size, linkname: entry.link },
    modTime: long(entry.modifiedAt),
  },
  source: entry.type === 'file' ? entry : null,
});

const modeOf = (type: TreeEntry['type'], permissions: number): number =>
  // Go has bits of its own for setuid and the like, which git does not keep.
  (typeBits[type] + (permissions & 0o777)) >>> 0;

const long = (value: bigint): Long => ({
  low: Number(BigInt.asIntN(32, value)),
  high: Number(BigInt.asIntN(32, value >> 32n)),
  unsigned: false,
});
