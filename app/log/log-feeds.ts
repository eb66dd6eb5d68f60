import type { Store } from '../../queue/build-store.ts';
import { LogFeed } from './log-feed.ts';

/** The feeds of all builds that somebody follows in this process. */
export type LogFeeds = {
  /** A build's feed, shared with all who follow it; `giveBack` when leaving. */
  take(id: string): { feed: LogFeed; giveBack: () => void };
};

/** Feeds that begin with their first follower and end with their last. */
export function createLogFeeds(store: Store): LogFeeds {
  const open = new Map<string, { feed: LogFeed; followers: number }>();
  return {
    take(id) {
      const found = open.get(id);
      // Whoever comes after a failure gets a feed that works.
      const entry = found?.feed.failure === null ? found : newEntry(store, id);
      open.set(id, entry);
      entry.followers += 1;
      const giveBack = () => {
        entry.followers -= 1;
        if (entry.followers > 0) return;
        entry.feed.close();
        if (open.get(id) === entry) open.delete(id);
      };
      return { feed: entry.feed, giveBack };
    },
  };
}

const newEntry = (store: Store, id: string) => ({ feed: new LogFeed(store, id), followers: 0 });
