import type { Repository } from '../../queue/build.ts';
import { oldestIn } from '../../queue/build-list.ts';
import { getBuild } from '../../queue/build-store.ts';
import { enqueueSweep } from '../../queue/queues.ts';
import { reportRefusedAgain } from '../../queue/refused-reports.ts';
import { allRepositories, hideRepository, saveRepository } from '../../queue/repositories.ts';
import type { AccessBegins, AccessEnds } from '../../queue/trigger.ts';
import { cancelBuild } from '../cancel-build.ts';
import { AccessEnded, type Forge } from '../forge.ts';
import type { Planner } from './planner.ts';

/** Looks after what happened to repositories while we were not let at them. */
export async function accessBegins(
  { store, queues, forge }: Planner,
  { installationId, repositoryIds, at = 0 }: AccessBegins,
): Promise<string> {
  const known = await allRepositories(store);
  const ids = new Set(repositoryIds);
  const meant = known.filter((one) =>
    repositoryIds === null ? one.installationId === installationId : ids.has(one.id),
  );
  for (const repository of meant) {
    const now = await asItIs(forge, { ...repository, installationId });
    const asOf = Math.max(repository.asOf ?? 0, now.asOf ?? 0, at);
    await saveRepository(store, { ...now, asOf });
    await reportRefusedAgain(store, queues, repository.id);
  }
  const of = repositoryIds && { repositoryIds: meant.map(({ id }) => id).sort((a, b) => a - b) };
  await enqueueSweep(queues, of ?? { installationId });
  return 'What is known of these repositories is compared with GitHub.';
}

/** What became of a repository while nothing told us; as we know it where we are not let at it again. */
async function asItIs(forge: Forge, known: Repository): Promise<Repository> {
  if (!(await forge.covers(known))) return known;
  try {
    return (await forge.present(known)) ?? known;
  } catch (error) {
    if (error instanceof AccessEnded) return known;
    throw error;
  }
}

/**
 * Cancels the builds of repositories that we are no longer let at, and takes those for private. The
 * event may be an old one that comes late, so GitHub is asked whether it is still so.
 */
export async function accessEnded(
  planner: Planner,
  { repositoryIds, installationId, reason }: AccessEnds,
): Promise<string> {
  const { store, forge } = planner;
  const ids = new Set(repositoryIds);
  const lost = new Set<number>();
  for (const repository of await allRepositories(store)) {
    const isOfIt = installationId !== null && repository.installationId === installationId;
    if ((!ids.has(repository.id) && !isOfIt) || (await forge.covers(repository))) continue;
    await hideRepository(store, repository.id);
    lost.add(repository.id);
  }
  let cancelled = 0;
  for (const state of ['queued', 'running'] as const) {
    for (const id of await oldestIn(store, state, 100_000)) {
      const build = await getBuild(store, id);
      if (!build || !lost.has(build.repository.id)) continue;
      if (await cancelBuild(planner, id, reason)) cancelled += 1;
    }
  }
  return `${reason} ${cancelled} builds were cancelled.`;
}
