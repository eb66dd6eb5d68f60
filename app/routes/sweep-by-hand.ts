import type { Repository } from '../../queue/build.ts';
import { enqueueSweep } from '../../queue/queues.ts';
import { wasEverPushed } from '../sweep/sweep-repository.ts';
import type { WebDeps } from '../web-deps.ts';
import { ApiError } from './api-error.ts';
import { writableRepository } from './repository-for.ts';

/** Has a repository swept for somebody who may write. Throws ApiErrors. */
export async function sweepByHand(
  deps: WebDeps,
  token: string | null,
  fullName: string,
): Promise<Repository> {
  const needed = `Sweeping ${fullName} needs write access to it.`;
  const repository = await writableRepository(deps, token, fullName, needed);
  if (!(await wasEverPushed(deps.store, repository))) {
    const message = `No push of ${fullName} ever came, so there is nothing to compare with.`;
    throw new ApiError(409, 'conflict', message);
  }
  await enqueueSweep(deps.queues, { repositoryIds: [repository.id] });
  return repository;
}
