import type { BuildState, Repository } from '../../queue/build.ts';
import { listBuilds } from '../../queue/build-list.ts';
import type { Store, StoredBuild } from '../../queue/build-store.ts';

/** What a badge says. */
export type BadgeState = 'passing' | 'failing' | 'errored' | 'cancelled' | 'building' | 'unknown';

/** What a badge is about; without a ref it is the default branch, without a name every rule. */
export type BadgeOf = { ref?: string | undefined; name?: string | undefined };

/** A commit has as many builds as the file has rules, and those that were asked for again. */
const looked = 30;

/**
 * How the newest commit of a ref fares that was built: of each rule's newest build the worst.
 * `unknown` where nothing is on record.
 */
export async function badgeState(
  store: Store,
  { id, defaultBranch }: Repository,
  { ref = `refs/heads/${defaultBranch}`, name }: BadgeOf,
): Promise<BadgeState> {
  const filter = { repositoryId: id, ref, ...(name !== undefined && { name }) };
  const { builds } = await listBuilds(store, filter, { limit: looked }, async () => true);
  const states = newestOfRules(builds.filter(({ sha }) => sha === builds[0]?.sha));
  const worst = worstFirst.find((state) => states.includes(state));
  return worst ? words[worst] : 'unknown';
}

function newestOfRules(newestFirst: StoredBuild[]): BuildState[] {
  const states = new Map<string, BuildState>();
  for (const { name, state } of newestFirst) if (!states.has(name)) states.set(name, state);
  return [...states.values()];
}

const words: Record<BuildState, BadgeState> = {
  failed: 'failing',
  errored: 'errored',
  cancelled: 'cancelled',
  running: 'building',
  queued: 'building',
  succeeded: 'passing',
};

const worstFirst = Object.keys(words) as BuildState[];
