import { join } from 'node:path';
import type { Build } from '../queue/build.ts';
import { BuildFailed } from './engine/build-errors.ts';

/** One of the two places of what a rule names. */
export type Place = {
  /** What the rule calls it. */
  name: string;
  path: string;
  /** The place in words that may be in a build's record: without the operator's folder. */
  shown: string;
};

/** A kind of thing that the operator keeps for builds. */
export type Kept<T> = {
  /** What it is called in a sentence. */
  what: string;
  kind: 'file' | 'socket';
  /** What it is called in its folder. */
  fileOf: (name: string) => string;
  /** Takes it from a place; null, or the system's ENOENT, ENOTDIR or EISDIR, if it is not there. */
  take: (place: Place) => Promise<T | null>;
};

/**
 * Takes what a rule names from the operator's SECRETS_DIR, null if there is none:
 * `<folder>/<owner>/<repo>/<file>`, or else `<folder>/<owner>/<file>`. Throws BuildFailed with a
 * sentence that names the first missing one and its place. A fork's pull request gets none.
 */
export async function takeKept<T>(
  folder: string | null,
  { repo, pullRequest }: Pick<Build, 'repo' | 'pullRequest'>,
  names: string[],
  kept: Kept<T>,
): Promise<Map<string, T>> {
  const taken = new Map<string, T>();
  if (pullRequest?.isFork) return taken;
  const [owner = '', repository = ''] = repo.split('/');
  for (const name of names) {
    const file = kept.fileOf(name);
    const isInside = [owner, repository, file].every(isFileName);
    const at = async (...parts: string[]) =>
      folder && isInside
        ? take(kept, { name, path: join(folder, ...parts), shown: shownAs(...parts) })
        : null;
    const found = (await at(owner, repository, file)) ?? (await at(owner, file));
    if (found === null) {
      const places = `${shownAs(owner, repository, file)} or ${shownAs(owner, file)}`;
      const none = folder ? '' : ', and this worker has no SECRETS_DIR';
      throw new BuildFailed(
        `The ${kept.what} ${name} is missing: its place is the ${kept.kind} ${places} on the worker${none}.`,
      );
    }
    taken.set(name, found);
  }
  return taken;
}

/** Whether a name stays in its folder. */
const isFileName = (name: string): boolean => /^[\w.-]+$/.test(name) && !/^\.\.?$/.test(name);

const shownAs = (...parts: string[]): string => ['SECRETS_DIR', ...parts].join('/');

/** A folder of the name, a repository's, is none of what is looked for. */
async function take<T>({ what, take }: Kept<T>, place: Place): Promise<T | null> {
  try {
    return await take(place);
  } catch (error) {
    if (error instanceof BuildFailed) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)) return null;
    throw new Error(`The ${what} ${place.path} cannot be read: ${code}`, { cause: error });
  }
}
