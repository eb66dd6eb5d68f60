import type { Build } from '../../queue/build.ts';
import type { TagOwner } from '../../queue/tag-owners.ts';

/** A push that wants a tag. */
export type Wishing = Pick<Build, 'sha' | 'pushedAt' | 'seq' | 'forced' | 'follows'>;

/** Whether `older` is among the commits that `newer` follows on; null if that cannot be told. */
export type IsAncestor = (older: string, newer: string) => Promise<boolean | null>;

/**
 * Whether a push is older than the one whose commit a tag shows, so that the tag stays. Commits
 * decide where one follows on the other, whenever they were pushed; only a branch that was set back
 * on purpose, by a forced push that came later, takes its tags along. Commits of which neither
 * follows on the other are ordered by GitHub's time of their pushes, and within a second by the
 * order in which they were planned.
 */
export async function isOlder(
  build: Wishing,
  owner: TagOwner,
  isAncestor: IsAncestor,
): Promise<boolean> {
  if (build.sha === owner.sha) return false;
  const isLater = build.pushedAt > owner.pushedAt;
  const isEarlier = build.pushedAt < owner.pushedAt;
  if (build.follows === owner.sha || (await isAncestor(owner.sha, build.sha)))
    return owner.forced && isEarlier;
  if (await isAncestor(build.sha, owner.sha)) return !(build.forced && isLater);
  return isEarlier || (!isLater && build.seq < owner.seq);
}
