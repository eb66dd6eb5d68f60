/** One file, link or folder of a checkout. */
export type TreeEntry = {
  /** From the checkout's root, with `/` between names and none at either end. */
  path: string;
  type: 'file' | 'link' | 'folder';
  /** The permissions: at most 0o7777. */
  mode: number;
  /** A file's, in bytes; 0 for others. */
  size: number;
  /** Where a link leads, as it is written; '' for others. */
  link: string;
  /** git's id of the content; '' where it is not known. */
  id: string;
  /** Nanoseconds since the epoch; see `tree-times.ts`. */
  modifiedAt: bigint;
};

/** All files of a commit, wherever they are kept. */
export type FileTree = {
  /** Every folder before what is in it, names in the order of their bytes. */
  entries: readonly TreeEntry[];
  find: (path: string) => TreeEntry | undefined;
  /** A file's content. Several files may be read at once; what is read has to be read to its end. */
  read: (entry: TreeEntry) => AsyncIterable<Buffer>;
  /** git's id of the whole, submodules' commits and large files' checksums included. */
  id: string;
  committedAt: Date;
  close: () => void;
};

/** A tree of these entries, put into order. */
export function fileTree(entries: TreeEntry[], rest: Omit<FileTree, 'entries' | 'find'>): FileTree {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  return { ...rest, entries: inOrder(entries), find: (path) => byPath.get(path) };
}

/** As Go walks folders: `a/b` comes before `a.txt`, and UTF-8 is not JavaScript's order. */
function inOrder(entries: TreeEntry[]): TreeEntry[] {
  return entries
    .map((entry) => ({ entry, key: Buffer.from(entry.path.replaceAll('/', '\0')) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

/** The whole text of a small file. */
export async function textOf(tree: FileTree, entry: TreeEntry): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of tree.read(entry)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
