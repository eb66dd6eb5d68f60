import type { Repository } from '../../queue/build.ts';
import { listBuilds } from '../../queue/build-list.ts';
import type { Store } from '../../queue/build-store.ts';
import type { Installed, RefHead } from './installed.ts';

/** So many refs and builds of a repository are looked at when it is swept for the first time. */
const mostRefs = 100;
const mostBuilds = 1_000;

/**
 * Those of the refs nothing is known of whose commit is younger than the last build of the ref, or
 * else of the repository: pushed while Slipway did not listen, where its record of refs is younger
 * than its builds. A repository without builds has none.
 */
export async function newerThanBuilds(
  { store, installed }: { store: Store; installed: Installed },
  repository: Repository,
  refs: [string, RefHead][],
): Promise<[string, RefHead][]> {
  const page = { limit: mostBuilds };
  const everything = async () => true;
  const { builds } = await listBuilds(store, { repositoryId: repository.id }, page, everything);
  const newest = Math.max(...builds.map(({ pushedAt }) => pushedAt));
  if (refs.length === 0 || builds.length === 0) return [];
  if ((await installed.lastPush(repository)).pushedAt <= newest) return [];
  const lastOn = new Map(builds.reverse().map(({ ref, pushedAt }) => [ref, pushedAt]));
  const built = new Set(builds.map(({ ref, sha }) => `${ref} ${sha}`));
  const newer: [string, RefHead][] = [];
  for (const [ref, head] of refs.slice(0, mostRefs)) {
    const commit = await installed.commit(repository, head);
    if (!commit || built.has(`${ref} ${commit.sha}`)) continue;
    const last = lastOn.get(ref) ?? newest;
    if (Date.parse(commit.committedAt) / 1_000 > last) newer.push([ref, head]);
  }
  return newer;
}
