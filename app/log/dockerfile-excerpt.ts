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

/** A page waits no longer for the forge, in milliseconds. */
const patience = 3_000;

/** Reads excerpts from the forge, with a memory of the files of one process: a commit's do not change. */
export function createExcerpts(forge: Pick<Forge, 'readFile'>, log: Logger): ExcerptOf {
  const files = new LRUCache<string, Promise<string | null>>({ max: 50 });

  function fileOf({ repository, sha }: StoredBuild, path: string): Promise<string | null> {
    const key = `${repository.id} ${sha} ${path}`;
    const known = files.get(key);
    if (known) return known;
    const asked = forge
      .readFile(repository, sha, path)
      .then((found) => (typeof found === 'string' ? found : null))
      .catch((error) => {
        files.delete(key);
        log.warn({ err: error, repo: repository.fullName, path }, 'No lines around a failure');
        return null;
      });
    files.set(key, asked);
    return asked;
  }

  return async (build) => {
    const { path = null, line = null, endLine = null } = build.failure ?? {};
    if (path === null || line === null) return null;
    const late = new Promise<null>((resolve) => setTimeout(resolve, patience, null).unref());
    const text = await Promise.race([fileOf(build, path), late]);
    return text ? linesAround(text, line, endLine ?? line) : null;
  };
}

/** Takes 1-based numbers of the first and last line that failed; null where the text has none such. */
export function linesAround(text: string, line: number, endLine: number): Excerpt | null {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (line > lines.length) return null;
  const first = Math.max(1, line - neighbours);
  const end = Math.min(lines.length, endLine + neighbours, line + longestInstruction);
  return lines.slice(first - 1, end).map((text, index) => {
    const n = first + index;
    return { n, text, isFailed: n >= line && n <= endLine };
  });
}
