import { pushedCommit } from './commit-shape.ts';
import { envelope } from './event-payloads.ts';
import { isAncestor, listRefs, readCommit, readCommits, resolveCommit, zeros } from './git-read.ts';
import { pushedRepository } from './repository-shape.ts';
import type { RepositoryState, World } from './world.ts';
import { accountOf, fullName } from './world.ts';

/** One ref that was moved from `before` to `after`, either of them 40 zeros. */
export type Push = { ref: string; before: string; after: string; pusher: string };

/** GitHub lists no more commits than this in one push. */
const mostCommits = 2048;

const newCommits = async (repository: RepositoryState, { ref, before }: Push, head: string) => {
  const { folder } = repository;
  if (ref.startsWith('refs/tags/')) return [];
  if (before !== zeros) return readCommits(folder, [head, `^${before}`], mostCommits);
  const others = (await listRefs(folder, 'refs/heads/')).filter((one) => one.ref !== ref);
  const known = others.map(({ sha }) => `^${sha}`);
  return readCommits(folder, [head, ...known], mostCommits);
};

/**
 * The payload of a `push`: for an annotated tag `after` is the tag object and `head_commit` the
 * commit; a deletion has no `head_commit`.
 */
export const pushPayload = async (
  world: World,
  repository: RepositoryState,
  push: Push,
): Promise<Record<string, unknown>> => {
  const { after, before, pusher, ref } = push;
  const { folder } = repository;
  const created = before === zeros;
  const deleted = after === zeros;
  const head = deleted ? undefined : await resolveCommit(folder, after);
  if (!deleted && !head) throw new Error(`${after} is no commit and no tag of one`);
  const page = `${world.origin}/${fullName(repository)}/compare`;
  const short = ref.replace(/^refs\/(heads|tags)\//, '');
  const heads = created && head ? await listRefs(folder, 'refs/heads/') : [];
  const base = heads.find((one) => one.sha === head && one.ref !== ref);
  const forced =
    !created && !deleted && head !== undefined && !(await isAncestor(folder, before, head));
  const commits = head ? (await newCommits(repository, push, head)).reverse() : [];
  const person = accountOf(world, pusher, 'User');
  return {
    ref,
    before,
    after,
    ...envelope(world, repository, pusher),
    repository: pushedRepository(world, repository),
    pusher: { name: person.login, email: person.email },
    created,
    deleted,
    forced,
    base_ref: base?.ref ?? null,
    compare: created
      ? `${page}/${short}`
      : `${page}/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: commits.map((commit) => pushedCommit(world, repository, commit)),
    head_commit: head ? pushedCommit(world, repository, await readCommit(folder, head)) : null,
  };
};
