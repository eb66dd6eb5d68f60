import { hasEnded } from '../queue/build.ts';
import { changeBuild, createBuild, type Store, type StoredBuild } from '../queue/build-store.ts';
import { enqueueBuild, enqueueReport, type Queues } from '../queue/queues.ts';
import { getRepository } from '../queue/repositories.ts';
import { buildId, buildUrl } from './plan-push.ts';

/** What acting on builds needs. */
export type Actions = { store: Store; queues: Queues; publicUrl: string };

/**
 * Cancels a build: at once while it is queued, through its worker while it runs. Returns false if
 * it had ended. `reason` is the sentence the record and the check show.
 */
export async function cancelBuild(
  { store, queues }: Omit<Actions, 'publicUrl'>,
  id: string,
  reason: string,
): Promise<boolean> {
  const atOnce = await changeBuild(store, id, {
    to: 'cancelled',
    within: ['queued'],
    set: { reason, finishedAt: new Date().toISOString() },
  });
  if (atOnce === 'ok') {
    await queues.builds.remove(id);
    await enqueueReport(queues, id);
    return true;
  }
  const asked = await changeBuild(store, id, { within: ['running'], set: { cancel: reason } });
  return asked === 'ok';
}

/**
 * Builds an ended build's commit again, as a new build with a check run of its own. `cause` is
 * what asked for it: the same cause twice makes one build. Returns the new build's id, or null if
 * the old one has not ended.
 */
export async function retryBuild(
  { store, queues, publicUrl }: Actions,
  build: StoredBuild,
  cause: string,
): Promise<string | null> {
  if (!hasEnded(build.state)) return null;
  const repository = (await getRepository(store, build.repository.id)) ?? build.repository;
  const { sha, ref, name, image, pushedAt, message, author } = build;
  const id = buildId('retry', build.id, cause);
  await createBuild(store, {
    ...{ id, sha, ref, name, image, pushedAt, message, author },
    repo: repository.fullName,
    repository,
    tags: build.wantedTags,
    url: buildUrl(publicUrl, id),
    retryOf: build.id,
  });
  await enqueueBuild(queues, id);
  await enqueueReport(queues, id);
  return id;
}
