import { git, gitMaybe, gitText } from './git.ts';

/** A commit as its object says, with the paths it changed against its first parent. */
export type Commit = {
  sha: string;
  tree: string;
  parents: string[];
  author: { name: string; email: string; date: string };
  committer: { name: string; email: string; date: string };
  message: string;
  added: string[];
  removed: string[];
  modified: string[];
};

/** One changed file between two commits. */
export type FileChange = {
  status: 'added' | 'removed' | 'modified' | 'renamed';
  path: string;
  previous: string | null;
  sha: string;
  additions: number;
  deletions: number;
};

/** The id of 40 zeros by which webhooks say "nothing". */
export const zeros = '0'.repeat(40);

const plain = /^(?!.*(?:\.\.|@\{|\/\/|\.lock$))[^\s~^:?*[\\-][^\s~^:?*[\\]*$/;

/** What a full ref (`refs/heads/main`) points at. */
export const refTarget = async (folder: string, ref: string): Promise<string | undefined> =>
  plain.test(ref) ? gitMaybe(folder, ['rev-parse', '--verify', '-q', ref]) : undefined;

/** The commit that a commit id, branch, tag, `heads/x`, `tags/x` or full ref names. */
export const resolveCommit = async (folder: string, name: string): Promise<string | undefined> => {
  if (!plain.test(name)) return undefined;
  const names = [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`];
  if (/^(refs\/|HEAD$)/.test(name)) names.unshift(name);
  if (/^[0-9a-f]{7,40}$/.test(name)) names.unshift(name);
  for (const candidate of names) {
    const args = ['rev-parse', '--verify', '-q', '--end-of-options', `${candidate}^{commit}`];
    const sha = (await gitMaybe(folder, args))?.split('\n').at(-1);
    if (sha) return sha;
  }
  return undefined;
};

/** What kind of object an id names: `commit`, `tree`, `blob`, `tag`. */
export const objectType = (folder: string, sha: string): Promise<string | undefined> =>
  gitMaybe(folder, ['cat-file', '-t', sha]);

const format = '%x01%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x02';

const readOne = (record: string): Commit => {
  const [head = '', rest = ''] = record.split('\u0002');
  const [sha, tree, parents, an, ae, ad, cn, ce, cd, message] = head.split('\0');
  const paths: Record<string, string[]> = { A: [], D: [], M: [] };
  const parts = rest
    .split('\0')
    .map((part) => part.replace(/^\n/, ''))
    .filter(Boolean);
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const kind = parts[i] === 'A' || parts[i] === 'D' ? parts[i] : 'M';
    paths[kind ?? 'M']?.push(parts[i + 1] ?? '');
  }
  return {
    sha: sha ?? '',
    tree: tree ?? '',
    parents: (parents ?? '').split(' ').filter(Boolean),
    author: { name: an ?? '', email: ae ?? '', date: ad ?? '' },
    committer: { name: cn ?? '', email: ce ?? '', date: cd ?? '' },
    message: (message ?? '').replace(/\n$/, ''),
    added: paths.A ?? [],
    removed: paths.D ?? [],
    modified: paths.M ?? [],
  };
};

/** The commits that `git log` lists for these revisions, newest first, `limit` at most. */
export const readCommits = async (
  folder: string,
  revisions: readonly string[],
  limit: number,
): Promise<Commit[]> => {
  const flags = ['--name-status', '-z', '--no-renames', '--diff-merges=first-parent'];
  const args = ['log', `--format=${format}`, ...flags, `--max-count=${limit}`, ...revisions, '--'];
  const text = (await git(folder, args)).toString('utf8');
  return text.split('\u0001').slice(1).map(readOne);
};

/** One commit; throws if the id names none. */
export const readCommit = async (folder: string, sha: string): Promise<Commit> => {
  const [commit] = await readCommits(folder, ['--no-walk', sha], 1);
  if (!commit) throw new Error(`no commit ${sha}`);
  return commit;
};

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** What changed from `base` (null: nothing at all) to `head`, renames found. */
export const readChanges = async (
  folder: string,
  base: string | null,
  head: string,
): Promise<FileChange[]> => {
  const range = [base ?? emptyTree, head];
  const args = ['diff-tree', '-r', '-z', '-M', '--no-abbrev', '--raw', '--numstat', ...range];
  const parts = (await git(folder, args)).toString('utf8').split('\0');
  const changes = new Map<string, FileChange>();
  for (let i = 0; i < parts.length; ) {
    const part = parts[i] ?? '';
    if (part.startsWith(':')) {
      const [, , , newSha = '', letter = ''] = part.split(' ');
      const renamed = letter.startsWith('R');
      const path = parts[i + (renamed ? 2 : 1)] ?? '';
      const kinds = { A: 'added', D: 'removed', R: 'renamed' } as const;
      const status = kinds[letter.charAt(0) as 'A'] ?? 'modified';
      const previous = renamed ? (parts[i + 1] ?? null) : null;
      changes.set(path, { status, path, previous, sha: newSha, additions: 0, deletions: 0 });
      i += renamed ? 3 : 2;
    } else {
      const [plus, minus, name] = part.split('\t');
      const path = name === '' ? (parts[i + 2] ?? '') : (name ?? '');
      const change = changes.get(path);
      if (change) {
        change.additions = Number(plus) || 0;
        change.deletions = Number(minus) || 0;
      }
      i += name === '' ? 3 : 1;
    }
  }
  return [...changes.values()];
};

/** Whether `older` is `newer` or one of its ancestors. */
export const isAncestor = async (folder: string, older: string, newer: string): Promise<boolean> =>
  (await gitMaybe(folder, ['merge-base', '--is-ancestor', older, newer])) !== undefined;

/** The refs below a prefix (`refs/heads/`), with what they point at and its type. */
export const listRefs = async (
  folder: string,
  prefix: string,
): Promise<{ ref: string; sha: string; type: string }[]> => {
  const format = '--format=%(refname) %(objectname) %(objecttype)';
  const text = await gitText(folder, ['for-each-ref', format, 'refs/']);
  return text
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => {
      const [ref = '', sha = '', type = ''] = line.split(' ');
      return { ref, sha, type };
    });
};
