import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Build } from '../queue/build.ts';
import { BuildFailed } from './engine/build-errors.ts';

/** Secrets by the names the rule asks for; the values as they are in the operator's files. */
export type SecretValues = ReadonlyMap<string, Buffer>;

/** BuildKit takes no larger secret, in bytes (its `secretsprovider.MaxSecretSize`). */
const largest = 500 * 1024;

/**
 * Reads what a rule's `secrets` name: `<folder>/<owner>/<repo>/<name>`, or else
 * `<folder>/<owner>/<name>`. `folder` is the operator's SECRETS_DIR, null if there is none. Throws
 * BuildFailed with a sentence that names the first missing one and its place; no message holds a
 * value. A fork's pull request gets none.
 */
export async function readSecrets(
  folder: string | null,
  { repo, recipe, pullRequest }: Pick<Build, 'repo' | 'recipe' | 'pullRequest'>,
): Promise<SecretValues> {
  const values = new Map<string, Buffer>();
  if (pullRequest?.isFork) return values;
  const [owner = '', name = ''] = repo.split('/');
  for (const secret of recipe.secrets) {
    if (![owner, name, secret].every(isFileName)) throw missing(secret, repo, folder);
    const own = folder && (await valueIn(join(folder, owner, name, secret)));
    const value = own ?? (folder && (await valueIn(join(folder, owner, secret))));
    if (!value) throw missing(secret, repo, folder);
    if (value.length > largest) {
      throw new BuildFailed(`The secret ${secret} is larger than ${largest} bytes.`);
    }
    values.set(secret, value);
  }
  return values;
}

/** Whether a name stays in its folder. */
const isFileName = (name: string): boolean => /^[\w.-]+$/.test(name) && !/^\.\.?$/.test(name);

function missing(secret: string, repo: string, folder: string | null): BuildFailed {
  const owner = repo.split('/')[0];
  const places = `SECRETS_DIR/${repo}/${secret} or SECRETS_DIR/${owner}/${secret}`;
  const none = folder ? '' : ', and this worker has no SECRETS_DIR';
  return new BuildFailed(
    `The secret ${secret} is missing: its place is the file ${places} on the worker${none}.`,
  );
}

/** A file's bytes; null if there is none, or a folder (a repository's) of that name. */
async function valueIn(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)) return null;
    throw new Error(`The secret ${path} cannot be read: ${code}`, { cause: error });
  }
}
