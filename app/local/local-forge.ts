import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Repository } from '../../queue/build.ts';
import type { Forge } from '../forge.ts';

/** The local remote: bare repositories in a folder, served below a URL. */
export type Remote = { folder: string; url: string };

/**
 * The forge of a machine without a GitHub App. Whoever reaches it may do everything, which is why
 * it is served on loopback only. A build's page is its check.
 */
export function localForge(remote: Remote): Forge {
  return {
    async hasFile({ fullName }, sha, path) {
      const object = `${sha}:${path}`;
      const answer = await execa('git', ['cat-file', '-t', object], {
        cwd: repositoryFolder(remote, fullName),
        reject: false,
      });
      return answer.stdout === 'blob';
    },
    grantCheckout: async ({ fullName }) => ({ url: `${remote.url}/${fullName}.git`, token: null }),
    reportCheck: async () => null,
    access: async () => 'write',
  };
}

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
