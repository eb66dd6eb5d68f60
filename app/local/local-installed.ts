import { existsSync } from 'node:fs';
import type { Repository } from '../../queue/build.ts';
import { AccessEnded } from '../forge.ts';
import type { Installed } from '../sweep/installed.ts';
import { localRepository, type Remote, repositoryFolder } from './local-forge.ts';
import { commitAt, isAncestor, movedAt, refsOf, repositoriesIn } from './read-git.ts';

/** The local remote's repositories as the sweep reads them, from the disk. */
export function localInstalled(remote: Remote): Installed {
  const folderOf = ({ fullName }: { fullName: string }) => repositoryFolder(remote, fullName);
  return {
    async repositories() {
      const names = await repositoriesIn(remote.folder);
      return Promise.all(names.map((name) => presentRepository(remote, name)));
    },
    async refs(repository) {
      const folder = folderOf(repository);
      if (!existsSync(folder)) throw new AccessEnded(`${repository.fullName} is not there.`);
      return refsOf(folder);
    },
    async lastPush(repository) {
      const folder = folderOf(repository);
      const refs = [...(await refsOf(folder)).keys()];
      const moves = await Promise.all(refs.map((ref) => movedAt(folder, ref)));
      return { repository, pushedAt: Math.max(0, ...moves) };
    },
    commit: (repository, { sha }) => commitAt(folderOf(repository), sha),
    movedAt: (repository, ref) => movedAt(folderOf(repository), ref),
    follows: (repository, base, head) => isAncestor(folderOf(repository), base, head),
  };
}

/** A local repository as it is now; its default branch is `main` unless it has none. */
export async function presentRepository(remote: Remote, fullName: string): Promise<Repository> {
  const refs = await refsOf(repositoryFolder(remote, fullName));
  return localRepository(remote, fullName, refs.has('refs/heads/main') ? 'main' : 'master');
}
