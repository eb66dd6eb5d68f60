import { readFile } from 'node:fs/promises';
import type { Build } from '../queue/build.ts';
import { BuildFailed } from './engine/build-errors.ts';
import { takeKept } from './secrets-dir.ts';

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
export const readSecrets = (
  folder: string | null,
  build: Pick<Build, 'repo' | 'recipe' | 'pullRequest'>,
): Promise<SecretValues> =>
  takeKept(folder, build, build.recipe.secrets, {
    what: 'secret',
    kind: 'file',
    fileOf: (name) => name,
    async take({ name, path }) {
      const value = await readFile(path);
      if (value.length <= largest) return value;
      throw new BuildFailed(`The secret ${name} is larger than ${largest} bytes.`);
    },
  });
