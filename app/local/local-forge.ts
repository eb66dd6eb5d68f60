import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Repository } from '../../queue/build.ts';
import type { Forge } from '../forge.ts';
import { commitAt } from './read-git.ts';

/** The local remote: bare repositories in a folder, served below a URL. */
export type Remote = { folder: string; url: string };

/**
 * The forge of a machine without a GitHub App. Whoever reaches it may do everything, which is why
 * it is served on loopback only. A build's page is its check.
 */
export function localForge(remote: Remote): Forge {
  const git = (fullName: string, ...args: string[]) =>
    execa('git', args, { cwd: repositoryFolder(remote, fullName), reject: false });
  return {
    async hasFile({ fullName }, sha, path) {
      const answer = await git(fullName, 'cat-file', '-t', `${sha}:${path}`);
      return answer.stdout === 'blob';
    },
    async readFile({ fullName }, sha, path) {
      const entry = await git(fullName, 'ls-tree', '--full-tree', sha, '--', path);
      const [mode] = entry.stdout.split(' ', 1);
      if (entry.failed || !mode) return null;
      const other = otherKinds[mode];
      if (other) return { noFile: other };
      const answer = await git(fullName, 'cat-file', 'blob', `${sha}:${path}`);
      return answer.failed ? null : answer.stdout;
    },
    async head({ fullName }, ref) {
      const args = ['show-ref', '--verify', '--hash', '--', ref];
      const { failed, stdout } = await git(fullName, ...args);
      return failed ? null : stdout;
    },
    covers: async () => true,
    present: async (repository) => repository,
    findRepository: async () => null,
    async commit({ fullName }, ref) {
      // A branch goes before a commit whose id begins with its name; git refuses what fits several.
      const isShort = /^[0-9a-f]{7,39}$/.test(ref);
      const names = [ref, `refs/heads/${ref}`, `refs/tags/${ref}`].filter((name) =>
        /^(refs\/(heads|tags)\/|[0-9a-f]{40}$)/.test(name),
      );
      if (isShort) names.push(ref);
      for (const name of names) {
        const found = await commitAt(repositoryFolder(remote, fullName), name);
        if (found) return { ...found, ref: name.startsWith('refs/') ? name : null };
      }
      return null;
    },
    async changedFiles({ fullName }, base, head) {
      const isCommit = /^[0-9a-f]{40}$/.test(base);
      const from = isCommit ? base : `refs/heads/${base}`;
      const ancestry = await git(fullName, 'merge-base', '--is-ancestor', from, head);
      if (isCommit && ancestry.failed) return null;
      const args = ['diff', '--name-only', '--no-renames', '-z', `${from}...${head}`, '--'];
      const { failed, stdout } = await git(fullName, ...args);
      return failed ? null : stdout.split('\0').filter(Boolean);
    },
    pullRequest: async () => null,
    permission: async () => 'write',
    postCheck: async () => {},
    grantCheckout: async ({ fullName }) => ({ url: `${remote.url}/${fullName}.git`, token: null }),
    reportCheck: async () => null,
    openChecks: async () => [],
    askedPause: () => 0,
    access: async () => 'write',
    sharedWith: async () => null,
  };
}

/** What is no file, by its mode in git's trees. */
const otherKinds: Record<string, 'folder' | 'link' | 'submodule'> = {
  '040000': 'folder',
  '120000': 'link',
  '160000': 'submodule',
};

/** Where the bare repository `owner/name` lies. */
export const repositoryFolder = ({ folder }: Remote, fullName: string): string =>
  join(folder, `${fullName}.git`);

/** What a build is told of a local repository; its id follows from its name. */
export function localRepository({ url }: Remote, fullName: string, branch: string): Repository {
  const hash = createHash('sha256').update(fullName.toLowerCase()).digest();
  return {
    id: hash.readUInt32BE(0),
    fullName,
    private: false,
    defaultBranch: branch,
    description: null,
    htmlUrl: `${url}/${fullName}.git`,
    license: null,
    installationId: null,
  };
}
