import { git, gitMaybe, gitText } from './git.ts';

/** What stands at a path: text, bytes, a file with its mode, a link, a submodule's commit; null removes it. */
export type FileContent =
  | string
  | Buffer
  | { content: string | Buffer; mode?: '100644' | '100755' }
  | { symlink: string }
  | { submodule: string }
  | null;

/** What a commit is made of. */
export type CommitOptions = {
  /** The branch that moves to the commit; none: a commit that no ref holds. */
  branch?: string;
  files?: Record<string, FileContent>;
  message?: string;
  /** Instead of the branch's head; several make a merge, null makes a root commit. */
  parent?: string | string[] | null;
  author?: { name: string; email: string };
  /** Milliseconds since the epoch. */
  date?: number;
};

const quoted = (path: string): string =>
  `"${path.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;

const change = (path: string, file: FileContent): Buffer => {
  const inline = (mode: string, content: string | Buffer): Buffer => {
    const bytes = Buffer.from(content);
    const head = `M ${mode} inline ${quoted(path)}\ndata ${bytes.length}\n`;
    return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\n')]);
  };
  if (file === null) return Buffer.from(`D ${quoted(path)}\n`);
  if (typeof file === 'string' || Buffer.isBuffer(file)) return inline('100644', file);
  if ('symlink' in file) return inline('120000', file.symlink);
  if ('submodule' in file) return Buffer.from(`M 160000 ${file.submodule} ${quoted(path)}\n`);
  return inline(file.mode ?? '100644', file.content);
};

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

/** Writes a commit, moves the branch to it, and answers the commit's 40 hexadecimal digits. */
export const writeCommit = async (folder: string, options: CommitOptions): Promise<string> => {
  const { branch, files = {}, message = 'Change files', author } = options;
  const ref =
    branch === undefined ? `refs/imports/${process.hrtime.bigint()}` : `refs/heads/${branch}`;
  const head =
    options.parent === undefined
      ? await gitMaybe(folder, ['rev-parse', '--verify', '-q', ref])
      : options.parent;
  const [first, ...others] = [head ?? []].flat();
  const who = author ?? { name: 'Alice', email: 'alice@users.noreply.github.example' };
  const when = `${Math.floor((options.date ?? Date.now()) / 1000)} +0000`;
  const stream = [
    ...(first ? [] : [`reset ${ref}\n`]),
    `commit ${ref}\nmark :1\n`,
    `author ${who.name} <${who.email}> ${when}\ncommitter ${who.name} <${who.email}> ${when}\n`,
    data(message),
    ...(first ? [`from ${first}\n`] : []),
    ...others.map((other) => `merge ${other}\n`),
    ...Object.entries(files).map(([path, file]) => change(path, file)),
    '\nget-mark :1\ndone\n',
  ].map((part) => Buffer.from(part));
  const args = ['fast-import', '--quiet', '--force', '--done'];
  const sha = (await git(folder, args, Buffer.concat(stream))).toString('utf8').trim();
  if (branch === undefined) await git(folder, ['update-ref', '-d', ref]);
  return sha;
};

/** Sets a tag, annotated or not, and answers what it points at: the tag object or the commit. */
export const writeTag = async (
  folder: string,
  name: string,
  sha: string,
  annotation?: string,
): Promise<string> => {
  const how = annotation === undefined ? [] : ['-a', '-m', annotation];
  await git(folder, ['tag', '-f', ...how, '--', name, sha]);
  return gitText(folder, ['rev-parse', '--verify', `refs/tags/${name}`]);
};
