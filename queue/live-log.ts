import type { LogLine } from './build.ts';
import type { Store } from './build-store.ts';
import { appendScript, readLinesScript } from './log-scripts.ts';

/** A line before it has its number. */
export type UnnumberedLine = Omit<LogLine, 'n'>;

/** What of a log is given up as lines are added; see {@link appendCut}. */
export type Cut = {
  /** How many lines are left out right before the ones that are added. */
  skipped: number;
  /** Lines that are in the log and go. */
  removed: { first: number; last: number } | null;
  /** What both together would have taken. */
  bytes: number;
};

/** So many lines, or so many bytes of them, are one atomic step at most, to keep each step short. */
const batch = { lines: 500, bytes: 256 * 1024 };

/** What a line takes in Redis beside its text: its id, time, names and brackets, rounded up. */
const frame = 80;

/** About how many bytes a line takes in Redis: far more than its text where that is short. */
export const storedSize = ({ step, stream, text }: UnnumberedLine): number =>
  frame + step.length + stream.length + encodedSize(text);

/** A flood of lines is measured, of which few are ever encoded. */
const encodedSize = (text: string): number =>
  isPlain.test(text) ? text.length : Buffer.byteLength(JSON.stringify(text));

/** Printable ASCII that JSON writes as it is. */
const isPlain = /^[ !#-[\]-~]*$/;

/**
 * Appends lines to a running build's live log. Returns false, with nothing more written, once the
 * build is no longer the attempt's with this fence.
 */
export async function appendLines(
  store: Store,
  id: string,
  fence: number,
  lines: UnnumberedLine[],
): Promise<boolean> {
  for (let rest = lines; rest.length > 0; ) {
    const some = rest.slice(0, fitting(rest));
    const last = await appendCut(store, id, fence, some, { skipped: 0, removed: null, bytes: 0 });
    if (last === null) return false;
    rest = rest.slice(some.length);
  }
  return true;
}

/** How many of the lines go into one atomic step; one at least. */
export function fitting(lines: UnnumberedLine[]): number {
  let bytes = 0;
  const end = lines.slice(0, batch.lines).findIndex(({ text }) => {
    bytes += text.length;
    return bytes > batch.bytes;
  });
  return end === -1 ? Math.min(lines.length, batch.lines) : Math.max(end, 1);
}

/**
 * The same in one atomic step, where a log that has reached its limit gives up others for these.
 * Returns the number of the last line, or null once the build is another attempt's. With `after`, the
 * number of the line they follow on, they are added once, even if a cut connection sends them twice;
 * nobody else may add lines meanwhile.
 */
export async function appendCut(
  { redis, keys }: Store,
  id: string,
  fence: number,
  lines: UnnumberedLine[],
  { skipped, removed, bytes }: Cut,
  after?: number,
): Promise<number | null> {
  const { first, last } = removed ?? { first: 0, last: 0 };
  const entries = lines.map((line) => JSON.stringify(line));
  const used = [keys.build(id), keys.log(id), keys.logCounts];
  const cut = [skipped, first, last, bytes, after ?? ''];
  const end = Number(await redis.eval(appendScript, 3, ...used, fence, ...cut, ...entries));
  return end === -1 ? null : end;
}

/** A reader is given so many bytes of lines at once, and a few lines more. */
const portion = 32 * 1024;

/**
 * Lines of a live log that come after line `after`: about `limit` at most, and about 32 KiB. Empty if
 * there are none yet.
 */
export async function readLiveLines(
  { redis, keys }: Store,
  id: string,
  after: number,
  limit: number,
): Promise<LogLine[]> {
  const answer = await redis.eval(readLinesScript, 1, keys.log(id), after + 1, limit, portion);
  const found = answer as string[];
  return found.flatMap((entry, index) =>
    index % 2 === 0
      ? [{ n: Number.parseInt(entry, 10), ...(JSON.parse(found[index + 1]!) as UnnumberedLine) }]
      : [],
  );
}

/** What went into the logs of all builds so far, and what was cut. */
export async function countLogs({ redis, keys }: Store) {
  const counts = await redis.hgetall(keys.logCounts);
  const [lines = 0, bytes = 0, cutLines = 0, cutBytes = 0] = [
    ...[counts.lines, counts.bytes, counts.cutLines, counts.cutBytes],
  ].map((text) => Number(text ?? 0));
  return { lines, bytes, cutLines, cutBytes };
}
