import { createHash } from 'node:crypto';
import type { Repository } from '../../queue/build.ts';
import { listBuilds } from '../../queue/build-list.ts';
import type { Store } from '../../queue/build-store.ts';
import { forgetHeads, type Heads, headsOf, takeBaseline } from '../../queue/heads.ts';
import { enqueueTrigger, type Queues } from '../../queue/queues.ts';
import type { Push } from '../../queue/trigger.ts';
import type { Installed, RefHead } from './installed.ts';
import { missedPush } from './missed-push.ts';
import { newerThanBuilds } from './newer-than-builds.ts';
import { movedSinceSweep, withoutFresh } from './pushed-to-us.ts';

/** What sweeping needs. */
export type Sweeping = {
  store: Store;
  queues: Queues;
  installed: Installed;
  /** Fires when the process stops. */
  stopping: AbortSignal;
};

/** Whether Slipway ever planned a push of a repository; any other is left alone. */
export async function wasEverPushed(store: Store, { id }: Repository): Promise<boolean> {
  if (await headsOf(store, id)) return true;
  const everything = async () => true;
  return (
    (await listBuilds(store, { repositoryId: id }, { limit: 1 }, everything)).builds.length > 0
  );
}

/**
 * Compares a repository's branches and tags with what was planned of them, and puts up a push for
 * each that is elsewhere. The first time, what is there is taken as planned, except what is newer
 * than the builds on record or, where all refs were pushed to us, than the last sweep. Returns how many pushes were put up.
 */
export async function sweepRepository(sweeping: Sweeping, repository: Repository): Promise<number> {
  const { store, queues, installed, stopping } = sweeping;
  const refs = await installed.refs(repository);
  // Read after the list: what was planned meanwhile is then known, and not taken as missed.
  const heads = (await headsOf(store, repository.id)) ?? none;
  const { hasBaseline } = heads;
  const unlike = [...refs].filter(([ref, { sha }]) => {
    const known = heads.refs.get(ref);
    // Without a baseline, a ref of which a push came is left to its next push, or to the next sweep;
    // but not one whose push could not be planned.
    const isLeft = !hasBaseline && known !== undefined && known.at !== 0;
    return !isLeft && known?.after !== sha;
  });
  const elsewhere = await withoutFresh(sweeping, repository, unlike);
  const unknown = elsewhere.filter(([ref]) => !heads.refs.has(ref));
  const inVain = elsewhere.filter(([ref]) => heads.refs.has(ref));
  const missed = hasBaseline
    ? elsewhere
    : [...inVain, ...(await newOnes(sweeping, repository, unknown))];
  if (missed.length > 0) {
    const last = await installed.lastPush(repository);
    for (const [ref, head] of missed) {
      stopping.throwIfAborted();
      const before = heads.refs.get(ref)?.after ?? zeros;
      const push = await missedPush(installed, last, { ref, head, before, refs });
      if (push) await enqueueTrigger(queues, guidOf(push), { kind: 'missed push', push });
    }
  }
  if (!hasBaseline) await takeBaseline(store, repository.id, asTheyAre(unknown, missed));
  const gone = [...heads.refs].filter(([ref]) => !refs.has(ref));
  await forgetHeads(store, repository.id, new Map(gone));
  return missed.length;
}

/** Those of the refs nothing is known of that were pushed since Slipway last knew of all. */
const newOnes = (sweeping: Sweeping, repository: Repository, refs: [string, RefHead][]) =>
  sweeping.installed.movedAt
    ? movedSinceSweep(sweeping, repository, refs)
    : newerThanBuilds(sweeping, repository, refs);

const none: Heads = { refs: new Map(), hasBaseline: false };
const zeros = '0'.repeat(40);

/** The same push found again before it is planned is put up once. */
function guidOf({ repository, ref, before, after, pushedAt }: Push): string {
  const text = [repository.id, ref, before, after, pushedAt].join(' ');
  return `sweep-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

function asTheyAre(refs: [string, RefHead][], except: [string, RefHead][]) {
  const left = new Set(except.map(([ref]) => ref));
  return new Map(
    refs.filter(([ref]) => !left.has(ref)).map(([ref, { sha }]) => [ref, { after: sha, at: 0 }]),
  );
}
