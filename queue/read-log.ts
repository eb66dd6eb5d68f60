import { type Archive, readArchivedLines } from './archive.ts';
import { hasEnded, type LogLine } from './build.ts';
import { getBuild, type Store, type StoredBuild } from './build-store.ts';
import { readLiveLines } from './live-log.ts';

/** Lines that a reader does not get: LOG_LIMIT took them, or the reader was too slow. */
export type Gap = { first: number; last: number; why: 'limit' | 'slow' };

/** What a reader of a log gets, in order; an ended build's last event is its record. */
export type LogEvent = { lines: LogLine[] } | { gap: Gap } | { build: StoredBuild };

/**
 * What there is of a build's log after line `after`, from Redis or the archive, wherever it is at
 * the moment, in pieces of about 32 KiB; then the record if the build has ended. Yields nothing for
 * an unknown build.
 */
export async function* readLog(
  store: Store,
  archive: Archive,
  id: string,
  after = 0,
): AsyncGenerator<LogEvent> {
  let seen = after;
  for (;;) {
    // The record first: lines that come before its end are then in what is read after it.
    const build = await getBuild(store, id);
    if (!build) return;
    for await (const lines of remaining(store, archive, build, seen)) {
      yield* withGaps(lines, seen);
      seen = lines.at(-1)?.n ?? seen;
    }
    if (!hasEnded(build.state)) return;
    if (await isWhole(store, build, seen)) return yield { build };
  }
}

/** Lines that come after line `seen`, with a gap wherever their numbers jump. */
export function* withGaps(lines: LogLine[], seen: number): Generator<LogEvent> {
  let start = 0;
  for (const [index, { n }] of lines.entries()) {
    const before = index === 0 ? seen : (lines[index - 1]?.n ?? seen);
    if (n === before + 1) continue;
    if (index > start) yield { lines: lines.slice(start, index) };
    yield { gap: { first: before + 1, last: n - 1, why: 'limit' } };
    start = index;
  }
  yield { lines: start === 0 ? lines : lines.slice(start) };
}

async function* remaining(
  store: Store,
  archive: Archive,
  build: StoredBuild,
  after: number,
): AsyncGenerator<LogLine[]> {
  if (build.logRemovedAt) return;
  if (build.archivedAt) yield* inPieces(readArchivedLines(archive, build.id, after));
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

async function* inPieces(lines: AsyncIterable<LogLine>): AsyncGenerator<LogLine[]> {
  let piece: LogLine[] = [];
  let size = 0;
  for await (const line of lines) {
    piece.push(line);
    size += line.text.length;
    if (piece.length < 1_000 && size < 32 * 1024) continue;
    yield piece;
    piece = [];
    size = 0;
  }
  if (piece.length > 0) yield piece;
}
