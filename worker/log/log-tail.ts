import type { Cut, UnnumberedLine } from '../../queue/live-log.ts';

/** Lines of a log's end that are sent in one step, with what they take the place of. */
export type TailPart = { lines: UnnumberedLine[]; size: number; cut: Cut };

/** The newest lines of a log, of which at most a number of bytes is kept, here and in Redis. */
export type LogTail = {
  add(line: UnnumberedLine, size: number): void;
  /** How many lines wait to be sent. */
  count(): number;
  /** Whether lines have been dropped lately since they were too many. */
  isFlooded(): boolean;
  /** The oldest of the waiting lines, as many as go into one step. */
  take(): TailPart;
  /** Says that a part is in Redis, with the number of its last line. */
  sent(part: TailPart, last: number): void;
};

type Sized = { line: UnnumberedLine; size: number };

/** So many lines are sent in one step at most. */
const mostLines = 500;

/** The first of some lines, of so many bytes together; one at least. Parts are given up whole. */
function nextPart(lines: Sized[], bytes: number): Sized[] {
  let size = 0;
  const end = lines.findIndex((one) => {
    size += one.size;
    return size > bytes;
  });
  return end === -1 ? lines : lines.slice(0, Math.max(end, 1));
}

/** Lines of one step by their numbers, and what they take. */
type Kept = { first: number; last: number; size: number };

/** An end of a log of at most `room` bytes, or of one line if that is longer. */
export function createLogTail(room: number): LogTail {
  let waiting: Sized[] = [];
  let first = 0;
  let size = 0;
  let dropped = { lines: 0, bytes: 0 };
  let droppedAt = 0;
  /** What is in Redis, oldest first. */
  const kept: Kept[] = [];
  let keptSize = 0;

  /** Takes the oldest waiting lines away, without moving all others each time. */
  function shift(count: number): void {
    for (const one of waiting.slice(first, first + count)) size -= one.size;
    first += count;
    if (first < waiting.length / 4) return;
    waiting = waiting.slice(first);
    first = 0;
  }

  /** Makes room in Redis for so many bytes. */
  function giveUp(bytes: number): { removed: Cut['removed']; bytes: number } {
    let freed = 0;
    const gone: Kept[] = [];
    while (kept.length > 0 && keptSize + bytes > room) {
      const oldest = kept.shift()!;
      keptSize -= oldest.size;
      freed += oldest.size;
      gone.push(oldest);
    }
    const [oldest, newest] = [gone[0], gone.at(-1)];
    return {
      removed: oldest && newest ? { first: oldest.first, last: newest.last } : null,
      bytes: freed,
    };
  }

  return {
    add(line, bytes) {
      waiting.push({ line, size: bytes });
      size += bytes;
      while (size > room && first < waiting.length - 1) {
        droppedAt = line.at;
        dropped.lines += 1;
        dropped.bytes += waiting[first]!.size;
        shift(1);
      }
    },
    count: () => waiting.length - first,
    isFlooded: () => Date.now() - droppedAt < 2_000,
    take() {
      const some = nextPart(waiting.slice(first, first + mostLines), room / 16);
      const bytes = some.reduce((sum, one) => sum + one.size, 0);
      shift(some.length);
      const given = giveUp(bytes);
      const cut = {
        ...{ skipped: dropped.lines, removed: given.removed },
        bytes: dropped.bytes + given.bytes,
      };
      dropped = { lines: 0, bytes: 0 };
      return { lines: some.map(({ line }) => line), size: bytes, cut };
    },
    sent({ lines, size: bytes }, last) {
      kept.push({ first: last - lines.length + 1, last, size: bytes });
      keptSize += bytes;
    },
  };
}
