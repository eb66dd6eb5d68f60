import { setTimeout as sleep } from 'node:timers/promises';
import { type Archive, readArchivedLines } from './archive.ts';
import { hasEnded, type LogLine } from './build.ts';
import { getBuild, type Store, type StoredBuild } from './build-store.ts';
import { readLiveLines } from './live-log.ts';

/** What a follower of a build sees, in order; the last thing is the record at its end. */
export type LogEvent = { lines: LogLine[] } | { build: StoredBuild };

/** How long a follower waits before it looks again, in milliseconds. */
const pollInterval = 150;

/**
 * The log of a build after line `after`, from Redis or the archive, wherever it is at the moment,
 * and the record whenever it changed. With `follow` it goes on until the build has ended or the
 * signal fires; without, it stops at what there is. Yields nothing for an unknown build.
 */
export async function* readLog(
  store: Store,
  archive: Archive,
  id: string,
  { after = 0, follow, signal }: { after?: number; follow: boolean; signal?: AbortSignal },
): AsyncGenerator<LogEvent> {
  let seen = after;
  let version = -1;
  while (!signal?.aborted) {
    // The record first: lines that come before its end are then in what is read after it.
    const build = await getBuild(store, id);
    if (!build) return;
    const ended = hasEnded(build.state);
    if (!ended && build.version !== version) yield { build };
    version = build.version;
    for await (const lines of remaining(store, archive, build, seen)) {
      seen = lines.at(-1)?.n ?? seen;
      yield { lines };
    }
    if (ended && (await isWhole(store, build, seen))) return yield { build };
    if (!ended && !follow) return;
    if (!ended) await sleep(pollInterval, undefined, signal ? { signal } : {}).catch(() => {});
  }
}

async function* remaining(
  store: Store,
  archive: Archive,
  build: StoredBuild,
  after: number,
): AsyncGenerator<LogLine[]> {
  if (build.logRemovedAt) return;
  if (build.archivedAt) yield* inChunks(readArchivedLines(archive, build.id, after));
  let last = after;
  while (!build.archivedAt) {
    const lines = await readLiveLines(store, build.id, last, 1_000);
    if (lines.length === 0) return;
    yield lines;
    last = lines.at(-1)?.n ?? last;
  }
}

/** Whether nothing was moved to the archive, and so out of sight, while it was read. */
async function isWhole(store: Store, build: StoredBuild, seen: number): Promise<boolean> {
  if (build.archivedAt || seen >= build.lines) return true;
  return (await getBuild(store, build.id))?.archivedAt === null;
}

async function* inChunks(lines: AsyncIterable<LogLine>): AsyncGenerator<LogLine[]> {
  let chunk: LogLine[] = [];
  for await (const line of lines) {
    chunk.push(line);
    if (chunk.length === 1_000) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
