import type { Repository } from '../../queue/build.ts';
import { oldestIn } from '../../queue/build-list.ts';
import { getBuild } from '../../queue/build-store.ts';
import { enqueueSweep } from '../../queue/queues.ts';
import { reportRefusedAgain } from '../../queue/refused-reports.ts';
import { allRepositories, getRepository, saveRepository } from '../../queue/repositories.ts';
import type { AccessBegins, AccessEnds } from '../../queue/trigger.ts';
import { cancelBuild } from '../cancel-build.ts';
import type { Planner } from './planner.ts';

/** Looks after what happened to repositories while we were not let at them. */
export async function accessBegins(
  { store, queues }: Planner,
  { installationId, repositoryIds, at = 0 }: AccessBegins,
): Promise<string> {
  const known = await allRepositories(store);
  const ids = new Set(repositoryIds);
  const meant = known.filter((one) =>
    repositoryIds === null ? one.installationId === installationId : ids.has(one.id),
  );
  for (const repository of meant) {
    const asOf = Math.max(repository.asOf ?? 0, at);
    await saveRepository(store, { ...repository, installationId, asOf });
    await reportRefusedAgain(store, queues, repository.id);
  }
  const of = repositoryIds && { repositoryIds: meant.map(({ id }) => id).sort((a, b) => a - b) };
  await enqueueSweep(queues, of ?? { installationId });
  return 'What is known of these repositories is compared with GitHub.';
}

/**
 * Cancels the builds of repositories that we are no longer let at. The event may be an old one that
 * comes late, so GitHub is asked whether it is still so.
 */
export async function accessEnded(
  planner: Planner,
  { repositoryIds, installationId, reason }: AccessEnds,
): Promise<string> {
  const { store, forge } = planner;
  const isMeant = (one: Repository): boolean =>
    repositoryIds.includes(one.id) ||
    (installationId !== null && one.installationId === installationId);
  const covered = new Map<number, boolean>();
  let cancelled = 0;
  for (const state of ['queued', 'running'] as const) {
    for (const id of await oldestIn(store, state, 100_000)) {
      const repository = (await getBuild(store, id))?.repository;
      if (!repository || !isMeant(repository)) continue;
      if (!covered.has(repository.id)) {
        const present = (await getRepository(store, repository.id)) ?? repository;
        covered.set(repository.id, await forge.covers(present));
      }
      if (covered.get(repository.id)) continue;
      if (await cancelBuild(planner, id, reason)) cancelled += 1;
    }
  }
  return `${reason} ${cancelled} builds were cancelled.`;
}
