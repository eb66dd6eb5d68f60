import type { Repository } from '../../queue/build.ts';
import { AccessEnded, type Commit } from '../forge.ts';
import type { Planner } from './planner.ts';

/** The forge told of a commit that it does not know: not yet, or no more. */
export class CommitUnknown extends Error {
  override name = 'CommitUnknown';
}

/**
 * A commit that the forge told of. GitHub answers as if nothing were there where a commit has not
 * come to all its machines, and where the App was taken off the repository: throws CommitUnknown for
 * the one, which may be over soon, and AccessEnded for the other.
 */
export async function knownCommit(
  { forge }: Planner,
  repository: Repository,
  sha: string,
): Promise<Commit> {
  const commit = await forge.commit(repository, sha);
  if (commit) return commit;
  await expectAccess({ forge }, repository);
  throw new CommitUnknown(`commit ${sha} of ${repository.fullName} is not there.`);
}

/** Throws AccessEnded if we are not let at a repository now. */
export async function expectAccess(
  { forge }: Pick<Planner, 'forge'>,
  repository: Repository,
): Promise<void> {
  if (await forge.covers(repository)) return;
  throw new AccessEnded(
    `${repository.fullName} is gone, or the GitHub App is no longer installed on it.`,
  );
}
