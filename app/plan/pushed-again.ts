import { listBuilds } from '../../queue/build-list.ts';
import type { Store } from '../../queue/build-store.ts';
import type { Subject } from './subject.ts';

/** So many builds of one ref are looked at. */
const limit = 100;

/**
 * A pushed subject with a cause of its own where its ref was at the same commit before and elsewhere
 * since: a move that is made again is another push, though what GitHub says of it differs in its
 * time alone. Any other subject is left as it is, so that two deliveries of one push are one cause.
 */
export async function pushedAgain(store: Store, subject: Subject): Promise<Subject> {
  const { repository, ref, sha, event, pushedAt, cause } = subject;
  if (event !== 'push') return subject;
  const filter = { repositoryId: repository.id, ref };
  const isEarlier = async (build: { pushedAt: number }) => build.pushedAt < pushedAt;
  const { builds } = await listBuilds(store, filter, { limit }, isEarlier);
  const elsewhere = builds.findIndex((build) => build.sha !== sha);
  const wasHere = elsewhere >= 0 && builds.slice(elsewhere).some((build) => build.sha === sha);
  return wasHere ? { ...subject, cause: [...cause, String(pushedAt)] } : subject;
}
