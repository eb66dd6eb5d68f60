import type { Repository } from '../../queue/build.ts';
import type { Store } from '../../queue/build-store.ts';
import type { Installed, RefHead } from './installed.ts';

type Refs = [string, RefHead][];
type Deps = { store: Store; installed: Installed };

/** For so long a push may be on its way from git into the record, in seconds. */
const onItsWay = 5;

/** How far back the first sweep looks, and how much before the last one every other, in milliseconds. */
const firstLook = 3_600_000;
const overlap = 600_000;

/** The refs but for those that were pushed to us just now; the next sweep sees them. */
export const withoutFresh = (deps: Deps, repository: Repository, refs: Refs): Promise<Refs> =>
  byMove(deps, repository, refs, (at) => at < Date.now() / 1_000 - onItsWay);

/**
 * Those of the refs nothing is known of that were pushed to us since everything was swept last, or in
 * the last hour where Redis does not know of a sweep: it is empty.
 */
export async function movedSinceSweep(
  deps: Deps,
  repository: Repository,
  refs: Refs,
): Promise<Refs> {
  const { redis, keys } = deps.store;
  const sweptAt = await redis.hget(keys.recovery, 'sweptAt');
  const since = sweptAt === null ? Date.now() - firstLook : Number(sweptAt) - overlap;
  return byMove(deps, repository, refs, (at) => at * 1_000 > since);
}

async function byMove(
  { installed: { movedAt } }: Deps,
  repository: Repository,
  refs: Refs,
  isMeant: (at: number) => boolean,
): Promise<Refs> {
  if (movedAt === null) return refs;
  const moves = await Promise.all(refs.map(([ref]) => movedAt(repository, ref)));
  return refs.filter((_, index) => isMeant(moves[index] ?? 0));
}
