import { DelayedError, type Job } from 'bullmq';
import type { Logger } from 'pino';
import type { Repository } from '../../queue/build.ts';
import { BudgetSpent } from '../../queue/calls.ts';
import { enqueueSweep, type SweepRequest } from '../../queue/queues.ts';
import { getRepository } from '../../queue/repositories.ts';
import { AccessEnded } from '../forge.ts';
import { type Sweeping, sweepRepository, wasEverPushed } from './sweep-repository.ts';

/**
 * The work of the queue of sweeps. A sweep goes through its repositories by id and keeps the last in
 * its job, so that it goes on there after a crash, elsewhere if its process stops, or in the next
 * hour if its budget is spent.
 */
export function sweepJob(sweeping: Sweeping & { log: Logger }) {
  return async (job: Job<SweepRequest>, token?: string): Promise<void> => {
    try {
      await sweep(sweeping, job);
    } catch (error) {
      const isSpent = error instanceof BudgetSpent;
      if (!isSpent && !sweeping.stopping.aborted) throw error;
      if (isSpent && error.isFirst) sweeping.log.warn(error.message);
      await job.moveToDelayed(isSpent ? error.until.getTime() : Date.now(), token);
      throw new DelayedError();
    }
  };
}

async function sweep(sweeping: Sweeping & { log: Logger }, job: Job<SweepRequest>): Promise<void> {
  const { store, log } = sweeping;
  const { of, done } = job.data;
  const { redis, keys } = store;
  const repositories = (await meant(sweeping, of)).sort((a, b) => a.id - b.id);
  for (const repository of repositories.filter(({ id }) => id > done)) {
    sweeping.stopping.throwIfAborted();
    if (!sweeping.installed.movedAt && !(await wasEverPushed(store, repository))) continue;
    const found = await compared(sweeping, repository, repositories.length === 1);
    if (found > 0)
      log.info(`${repository.fullName}: ${found} refs were pushed without our knowledge`);
    await redis
      .multi()
      .hincrby(keys.recovery, 'sweep:repositories', 1)
      .hincrby(keys.recovery, 'sweep:refs', found)
      .exec();
    await job.updateData({ of, done: repository.id });
  }
  if (of === 'everything') await redis.hset(keys.recovery, 'sweptAt', Date.now());
}

/** Nobody else's repository is to wait for one of which GitHub does not answer: it gets a job. */
async function compared(
  sweeping: Sweeping & { log: Logger },
  repository: Repository,
  isAlone: boolean,
): Promise<number> {
  try {
    return await sweepRepository(sweeping, repository);
  } catch (error) {
    if (error instanceof AccessEnded) return 0;
    if (isAlone || error instanceof BudgetSpent || sweeping.stopping.aborted) throw error;
    const { message: reason } = error as Error;
    sweeping.log.warn({ repository: repository.fullName, reason }, 'Will be swept again');
    await enqueueSweep(sweeping.queues, { repositoryIds: [repository.id] });
    return 0;
  }
}

async function meant(
  { store, installed }: Sweeping,
  of: SweepRequest['of'],
): Promise<Repository[]> {
  if (of === 'everything') return installed.repositories(null);
  if ('installationId' in of) return installed.repositories(of.installationId);
  const known = await Promise.all(of.repositoryIds.map((id) => getRepository(store, id)));
  return known.filter((repository) => repository !== null);
}
