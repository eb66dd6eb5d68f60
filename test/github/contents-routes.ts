import { posix } from 'node:path';
import { apiUrl } from './account-shape.ts';
import { git } from './git.ts';
import { resolveCommit } from './git-read.ts';
import { Refusal } from './refusal.ts';
import type { Answer, Call, Route } from './route.ts';
import { ok } from './route.ts';
import type { RepositoryState, World } from './world.ts';
import { fullName } from './world.ts';

type Entry = { mode: string; type: string; sha: string; size: number; path: string };

const parse = (listing: Buffer, folder: string): Entry[] =>
  listing
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [head = '', name = ''] = line.split('\t');
      const [mode = '', type = '', sha = '', size = ''] = head.split(/ +/);
      return { mode, type, sha, size: Number(size) || 0, path: posix.join(folder, name) };
    });

const kindOf = ({ mode, type }: Entry): 'dir' | 'file' | 'symlink' | 'submodule' => {
  if (type === 'tree') return 'dir';
  if (type === 'commit') return 'submodule';
  return mode === '120000' ? 'symlink' : 'file';
};

const entryAt = async (folder: string, sha: string, path: string): Promise<Entry | undefined> => {
  const args = ['ls-tree', '-z', '-l', '--full-tree', sha, '--', path];
  return parse(await git(folder, args), '').find((entry) => entry.path === path);
};

const common = (world: World, repository: RepositoryState, ref: string, entry: Entry) => {
  const api = `${apiUrl(world)}/repos/${fullName(repository)}`;
  const path = entry.path.split('/').map(encodeURIComponent).join('/');
  const url = `${api}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const page = `${world.origin}/${fullName(repository)}`;
  const html = `${page}/${entry.type === 'tree' ? 'tree' : 'blob'}/${encodeURIComponent(ref)}/${path}`;
  const objects = `${api}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.sha}`;
  const download = `${page}/raw/${encodeURIComponent(ref)}/${path}`;
  return {
    name: posix.basename(entry.path),
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url,
    html_url: html,
    git_url: objects,
    download_url: entry.type === 'blob' ? download : null,
    _links: { self: url, git: objects, html },
  };
};

const mebibyte = 1024 * 1024;

const fileAnswer = async (
  call: Call,
  repository: RepositoryState,
  ref: string,
  entry: Entry,
): Promise<Answer> => {
  if (entry.size > 100 * mebibyte) throw new Refusal(403, 'This API returns blobs up to 100 MB.');
  const bytes = await git(repository.folder, ['cat-file', 'blob', entry.sha]);
  if (/vnd\.github\.(v3\.)?raw/.test(call.accept)) {
    return { status: 200, raw: { bytes, type: 'application/vnd.github.raw; charset=utf-8' } };
  }
  const small = entry.size <= mebibyte;
  return ok({
    type: 'file',
    encoding: small ? 'base64' : 'none',
    ...common(call.world, repository, ref, entry),
    content: small ? bytes.toString('base64').replace(/.{60}/g, '$&\n') : '',
  });
};

const directoryAnswer = async (
  call: Call,
  repository: RepositoryState,
  ref: string,
  sha: string,
  path: string,
): Promise<Answer> => {
  const listing = await git(repository.folder, [
    'ls-tree',
    '-z',
    '-l',
    '--full-tree',
    `${sha}:${path}`,
  ]);
  const entries = parse(listing, path).map((entry) => ({
    type: kindOf(entry),
    ...common(call.world, repository, ref, entry),
  }));
  if (!/vnd\.github\.(v3\.)?object/.test(call.accept)) return ok(entries);
  const self: Entry = { mode: '040000', type: 'tree', sha, size: 0, path };
  const body = { type: 'dir', ...common(call.world, repository, ref, self), entries };
  return { ...ok(body), mediaType: 'application/vnd.github.object' };
};

const symlinkAnswer = async (
  call: Call,
  repository: RepositoryState,
  ref: string,
  sha: string,
  entry: Entry,
): Promise<Answer> => {
  const target = (await git(repository.folder, ['cat-file', 'blob', entry.sha])).toString('utf8');
  const path = posix.join(posix.dirname(entry.path), target);
  const inside = !target.startsWith('/') && !path.startsWith('../') && path !== '..';
  const at = inside ? await entryAt(repository.folder, sha, path) : undefined;
  if (at && kindOf(at) === 'file') {
    return fileAnswer(call, repository, ref, { ...at, path: entry.path });
  }
  return ok({ type: 'symlink', target, ...common(call.world, repository, ref, entry) });
};

const getContents = async (call: Call, repository: RepositoryState): Promise<Answer> => {
  const ref = call.query.ref ?? repository.defaultBranch;
  const path = (call.params.path ?? '').replace(/^\/+|\/+$/g, '');
  const sha = await resolveCommit(repository.folder, ref);
  if (!sha) throw new Refusal(404, `No commit found for the ref ${ref}`);
  const missing = new Refusal(404, 'Not Found');
  if (path.split('/').some((part) => part === '.' || part === '..')) throw missing;
  if (path === '') return directoryAnswer(call, repository, ref, sha, '');
  const entry = await entryAt(repository.folder, sha, path);
  if (!entry) throw missing;
  const kind = kindOf(entry);
  if (kind === 'dir') return directoryAnswer(call, repository, ref, sha, path);
  if (kind === 'symlink') return symlinkAnswer(call, repository, ref, sha, entry);
  if (kind === 'file') return fileAnswer(call, repository, ref, entry);
  const body = common(call.world, repository, ref, entry);
  return ok({ type: 'submodule', submodule_git_url: `${call.world.origin}/sub.git`, ...body });
};

/** Files and directories at a commit, read from the real repository. */
export const contentsRoutes: readonly Route[] = [
  {
    operation: 'GET /repos/{owner}/{repo}/contents/{path}',
    needs: ['contents', 'read'],
    handle: getContents,
  },
];
