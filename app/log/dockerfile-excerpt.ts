import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { StoredBuild } from '../../queue/build-store.ts';
import type { Forge } from '../forge.ts';

/** Lines of a file as it was at the build's commit, those that failed among them. */
export type Excerpt = { n: number; text: string; isFailed: boolean }[];

/** Answers the lines around a build's failure; null when it has no place, or the file cannot be read. */
export type ExcerptOf = (build: StoredBuild) => Promise<Excerpt | null>;

/** So many lines before and after are shown, and of an instruction at most. */
const neighbours = 3;
const longestInstruction = 40;

/** More of a line is not kept, in characters; the page shows no more of it. */
const longestLine = 500;

/** A page waits no longer for the forge, in milliseconds. */
const patience = 3_000;

/**
 * What is remembered. Whoever may see a build's page may ask for it again and again, and every
 * question to the forge is taken off what the App may ask in an hour: so the few lines are kept of
 * thousands of builds (40 MB at most), and for a minute, in milliseconds, that there were none to be had.
 */
const remembered = { max: 5_000, maxSize: 20_000_000 };
const failureKept = 60_000;

/** A place in a file at a commit. */
type Place = { build: StoredBuild; path: string; line: number; endLine: number };

/** Reads excerpts from the forge, with a memory of one process: a commit's lines do not change. */
export function createExcerpts(forge: Pick<Forge, 'readFile'>, log: Logger): ExcerptOf {
  // Those who ask the same at once wait for one answer.
  const kept = new LRUCache<string, { excerpt: Excerpt | null }, Place>({
    ...{ ...remembered, ignoreFetchAbort: true },
    sizeCalculation: ({ excerpt }) => 1_000 + (excerpt ?? []).reduce(byLength, 0),
    fetchMethod: async (_key, _stale, { context, options }) => {
      const excerpt = await readExcerpt(context);
      if (excerpt === null) options.ttl = failureKept;
      return { excerpt };
    },
  });

  async function readExcerpt({ build, path, line, endLine }: Place): Promise<Excerpt | null> {
    const { repository, sha } = build;
    try {
      const found = await forge.readFile(repository, sha, path);
      return typeof found === 'string' ? linesAround(found, line, endLine) : null;
    } catch (error) {
      log.warn({ err: error, repo: repository.fullName, path }, 'No lines around a failure');
      return null;
    }
  }

  return async (build) => {
    const { path = null, line = null, endLine: last = null } = build.failure ?? {};
    if (path === null || line === null) return null;
    const endLine = last ?? line;
    const key = [build.repository.id, build.sha, line, endLine, path].join(' ');
    const late = new Promise<null>((resolve) => setTimeout(resolve, patience, null).unref());
    const context = { build, path, line, endLine };
    return (await Promise.race([kept.fetch(key, { context }), late]))?.excerpt ?? null;
  };
}

const byLength = (sum: number, { text }: Excerpt[number]): number => sum + text.length;

/** Takes 1-based numbers of the first and last line that failed; null where the text has none such. */
export function linesAround(text: string, line: number, endLine: number): Excerpt | null {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (line > lines.length) return null;
  const first = Math.max(1, line - neighbours);
  const end = Math.min(lines.length, endLine + neighbours, line + longestInstruction);
  return lines.slice(first - 1, end).map((text, index) => {
    const n = first + index;
    return { n, text: text.slice(0, longestLine), isFailed: n >= line && n <= endLine };
  });
}
