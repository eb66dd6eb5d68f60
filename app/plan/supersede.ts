import { hasEnded } from '../../queue/build.ts';
import { listBuilds } from '../../queue/build-list.ts';
import type { NewBuild } from '../../queue/build-store.ts';
import { cancelBuild } from '../cancel-build.ts';
import type { Planner } from './planner.ts';

/** So many builds of one ref are looked at; more are not under way at once. */
const limit = 100;

/**
 * Cancels what is queued or running of the same rule on the same ref for an older push. Of two pushes
 * of one second, as GitHub tells it, only that is older which the other goes on from: else each could
 * cancel the other.
 */
export async function supersede(planner: Planner, newer: NewBuild): Promise<void> {
  const { repository, ref, name, id, sha, pushedAt, follows } = newer;
  const isOlder = async (build: NewBuild & { state: Parameters<typeof hasEnded>[0] }) =>
    build.name === name &&
    build.ref === ref &&
    build.id !== id &&
    build.sha !== sha &&
    (build.pushedAt < pushedAt || (build.pushedAt === pushedAt && build.sha === follows)) &&
    !hasEnded(build.state);
  const filter = { repositoryId: repository.id, ref };
  const { builds } = await listBuilds(planner.store, filter, { limit }, isOlder);
  const reason = `Superseded by commit ${sha.slice(0, 7)}.`;
  for (const build of builds) await cancelBuild(planner, build.id, reason);
}
