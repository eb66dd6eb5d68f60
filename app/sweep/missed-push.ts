import type { Repository } from '../../queue/build.ts';
import type { Push } from '../../queue/trigger.ts';
import type { Installed, RefHead } from './installed.ts';

/** A ref that is not where it was planned; `refs` are all of the repository's. */
export type Elsewhere = {
  ref: string;
  head: RefHead;
  before: string;
  refs: ReadonlyMap<string, RefHead>;
};

/**
 * The push as its webhook would have told it, as far as GitHub still knows; null for a tag of no
 * commit. The repository must have been read after the head, so that its last push is no earlier.
 */
export async function missedPush(
  installed: Installed,
  { repository, pushedAt }: { repository: Repository; pushedAt: number },
  { ref, head, before, refs }: Elsewhere,
): Promise<Push | null> {
  const commit = await installed.commit(repository, head);
  if (!commit) return null;
  const { sha, message, author, committedAt } = commit;
  const isNew = /^0+$/.test(before);
  const isTag = ref.startsWith('refs/tags/');
  const goesOn = isNew || (!isTag && (await installed.follows(repository, before, sha)));
  const base = isNew && [...refs].find(([name, { sha: at }]) => name !== ref && at === sha)?.[0];
  return {
    ...{ kind: 'push', repository, ref, before, after: head.sha, sha },
    ...{ message, author, pushedAt, committedAt, forced: !goesOn },
    baseRef: base ? (/^refs\/heads\/(.+)$/.exec(base)?.[1] ?? null) : null,
  };
}
