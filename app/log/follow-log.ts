import { once } from 'node:events';
import type { Archive } from '../../queue/archive.ts';
import { hasEnded } from '../../queue/build.ts';
import type { Store } from '../../queue/build-store.ts';
import { readLiveLines } from '../../queue/live-log.ts';
import { type LogEvent, readLog, withGaps } from '../../queue/read-log.ts';
import type { LogFeed } from './log-feed.ts';
import type { LogFeeds } from './log-feeds.ts';

/** What following logs needs. */
export type FollowDeps = { store: Store; archive: Archive; feeds: LogFeeds };

/** A follower that is further behind than so many lines has them left out. */
const mostBehind = 5_000;

/**
 * The log of a build after line `after`, and the record whenever it changed, until the build has
 * ended or the signal fires. A follower takes what comes at its own pace: what was there before it
 * came it reads by itself and whole, however slow it is; after that it may fall behind by
 * {@link mostBehind} lines before there is a gap.
 */
export async function* followLog(
  { store, archive, feeds }: FollowDeps,
  id: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<LogEvent> {
  const { feed, giveBack } = feeds.take(id);
  let seen = after;
  let version = -1;
  let isCaughtUp = false;
  try {
    if (!feed.hasBegun && !feed.failure) await changeOf(feed, signal);
    while (!signal.aborted) {
      const { build, newest } = feed;
      if (feed.failure) throw feed.failure;
      if (!build) return;
      if (isCaughtUp && newest - seen > mostBehind && seen < feed.before) {
        const gap = { first: seen + 1, last: feed.before, why: 'slow' } as const;
        yield { gap };
        seen = gap.last;
      }
      const piece = feed.after(seen);
      const isBehind = piece === null && newest > seen;
      if (piece === null && hasEnded(build.state)) return yield* readLog(store, archive, id, seen);
      if (build.version !== version && !hasEnded(build.state)) yield { build };
      version = build.version;
      if (piece) {
        yield* withGaps(piece, seen);
        seen = piece.at(-1)!.n;
      } else {
        const lines = isBehind ? await readLiveLines(store, id, seen, 1_000) : [];
        if (lines.length > 0) yield* withGaps(lines, seen);
        // Of lines that are nowhere the feed will see in a moment that they have been archived. What
        // it saw while the record was taken is no change that could be waited for.
        else if (feed.build === build && feed.newest === newest && !feed.failure) {
          await changeOf(feed, signal);
        }
        seen = lines.at(-1)?.n ?? seen;
        isCaughtUp ||= !isBehind;
      }
    }
  } finally {
    giveBack();
  }
}

/** Waits for a feed's next change, or until the signal fires. */
async function changeOf(feed: LogFeed, signal: AbortSignal): Promise<void> {
  await once(feed, 'change', { signal }).catch(() => {});
}
