import { createHmac, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeEntry } from './file-tree.ts';

/** What a mirror remembers: when each path got the content it had last. */
type Times = { secret: string; seen: Record<string, [id: string, seconds: number]> };

/** Beyond so many entries nothing is remembered, and every time is the commit's. */
const mostEntries = 200_000;

/**
 * When each file of a commit was modified: in seconds the time of the first commit in which this
 * mirror saw the file with this content, which in a mirror's first commit is the commit's own. The
 * nanoseconds come from the content, so that another content never has the same time: an engine
 * that has an earlier state of the files compares sizes and times only, and whoever pushes
 * chooses commits' times. They are keyed, since else somebody could look for a content that has
 * the nanoseconds of another. An image keeps seconds only.
 */
export async function tellingTimes(
  gitDir: string,
  entries: readonly Pick<TreeEntry, 'path' | 'id'>[],
  committedAt: Date,
): Promise<(entry: Pick<TreeEntry, 'path' | 'id'>) => bigint> {
  const now = Math.floor(committedAt.getTime() / 1_000);
  const file = join(gitDir, 'slipway-times.json');
  const { secret, seen } = await read(file);
  const next: Times['seen'] = Object.create(null);
  for (const { path, id } of entries.slice(0, mostEntries)) {
    const before = seen[path];
    next[path] = before?.[0] === id ? before : [id, now];
  }
  await writeFile(file, JSON.stringify({ secret, seen: next } satisfies Times));
  const key = Buffer.from(secret, 'hex');
  return ({ path, id }) =>
    BigInt(next[path]?.[1] ?? now) * 1_000_000_000n + BigInt(nanoseconds(key, id));
}

const nanoseconds = (key: Buffer, id: string): number =>
  createHmac('sha256', key).update(id).digest().readUInt32BE(0) % 1_000_000_000;

/** Where the file is missing, or two wrote it at once, files are sent once more. */
async function read(file: string): Promise<Times> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Times;
  } catch {
    return { secret: randomBytes(32).toString('hex'), seen: {} };
  }
}
