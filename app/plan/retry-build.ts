import { type Cause, hasEnded, type Repository } from '../../queue/build.ts';
import { createBuild, type StoredBuild } from '../../queue/build-store.ts';
import { enqueueBuild, enqueueReport } from '../../queue/queues.ts';
import { getRepository } from '../../queue/repositories.ts';
import { buildId, buildUrl } from './new-build.ts';
import { planCommit } from './plan-commit.ts';
import type { Planner } from './planner.ts';
import type { Subject } from './subject.ts';

/** How a build is repeated, at whose order (a login) and where that was given. */
export type Wish = { cache?: boolean; by?: string | null; kind?: 'retry' | 'check' };

/**
 * Builds an ended build's commit again, as a new build with a check run of its own. `cause` is
 * what asked for it: the same cause twice makes one build. Only with `cache: false` it is built
 * without cache, however the old one was built. Returns the new build's id, or null if the old one
 * has not ended.
 */
export async function retryBuild(
  planner: Planner,
  build: StoredBuild,
  cause: string,
  { cache = true, by = null, kind = 'retry' }: Wish = {},
): Promise<string | null> {
  if (!hasEnded(build.state)) return null;
  const { store, queues, publicUrl, mayBeKnown } = planner;
  const repository = (await getRepository(store, build.repository.id)) ?? build.repository;
  if (build.failure?.step === 'plan') {
    return planAgain(planner, build, repository, cause, { cache, asked: { kind, by } });
  }
  const { sha, ref, name, image, pushedAt, message, author } = build;
  const { labels, publish, pullRequest, forced, follows, notifies } = build;
  const id = buildId('retry', build.id, cause);
  const repo = repository.fullName;
  await createBuild(store, {
    ...{ id, sha, ref, name, image, pushedAt, message, author },
    ...{ labels, publish, pullRequest, forced, follows, notifies },
    recipe: { ...build.recipe, cache },
    repo,
    repository,
    tags: build.wantedTags,
    url: buildUrl(publicUrl, id),
    retryOf: build.id,
    cause: { kind, by },
    ...(mayBeKnown && { reported: 'beginning' }),
  });
  await enqueueBuild(queues, store, { id, repo });
  await enqueueReport(queues, id);
  return id;
}

/** What failed before it could begin is planned again: the operator may allow it by now. */
async function planAgain(
  planner: Planner,
  build: StoredBuild,
  repository: Repository,
  cause: string,
  how: { cache: boolean; asked: Cause },
): Promise<string | null> {
  const { id, ref, sha, name, message, author, pushedAt, pullRequest } = build;
  const { forced, follows } = build;
  const subject: Subject = {
    ...{ repository, ref, sha, message, author, pushedAt, pullRequest, forced, follows },
    ...how,
    event: 'manual',
    ...{ before: null, baseRef: null },
    committedAt: new Date(build.createdAt),
    cause: ['retry', id, cause],
  };
  const { ids } = await planCommit(planner, subject, name || undefined);
  return ids[0] ?? null;
}
