import type { LogLine } from './build.ts';
import type { Store } from './build-store.ts';
import { appendScript } from './scripts.ts';

/** A line before it has its number. */
export type UnnumberedLine = Omit<LogLine, 'n'>;

/** So many lines are appended in one atomic step at most, to keep each step short. */
const batch = 500;

/**
 * Appends lines to a running build's live log. Returns false, with nothing more written, once the
 * build is no longer the attempt's with this fence.
 */
export async function appendLines(
  { redis, keys }: Store,
  id: string,
  fence: number,
  lines: UnnumberedLine[],
): Promise<boolean> {
  for (let start = 0; start < lines.length; start += batch) {
    const entries = lines.slice(start, start + batch).map((line) => JSON.stringify(line));
    const last = await redis.eval(appendScript, 2, keys.build(id), keys.log(id), fence, ...entries);
    if (last === -1) return false;
  }
  return true;
}

/** At most `limit` lines of a live log that come after line `after`; empty if there are none yet. */
export async function readLiveLines(
  { redis, keys }: Store,
  id: string,
  after: number,
  limit: number,
): Promise<LogLine[]> {
  const entries = await redis.xrange(keys.log(id), `${after + 1}-0`, '+', 'COUNT', limit);
  return entries.map(([entry, fields]) => ({
    n: Number.parseInt(entry, 10),
    ...(JSON.parse(fields[1] ?? '') as UnnumberedLine),
  }));
}
