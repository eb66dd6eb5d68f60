import { stat } from 'node:fs/promises';
import type { Build } from '../queue/build.ts';
import { BuildFailed } from './engine/build-errors.ts';
import { takeKept } from './secrets-dir.ts';

/**
 * Finds the sockets of the ssh agents that a rule's `ssh` names, by id:
 * `<folder>/<owner>/<repo>/<id>.sock`, or else `<folder>/<owner>/<id>.sock`. `folder` is the
 * operator's SECRETS_DIR, null if there is none. Throws BuildFailed with a sentence that names the
 * first one that is missing or no socket, and its place; whether an agent listens shows only when
 * the build asks it. A fork's pull request gets none.
 */
export const sshAgentsFor = (
  folder: string | null,
  build: Pick<Build, 'repo' | 'recipe' | 'pullRequest'>,
): Promise<ReadonlyMap<string, string>> =>
  takeKept(folder, build, build.recipe.ssh, {
    what: 'ssh agent',
    kind: 'socket',
    fileOf: (id) => `${id}.sock`,
    async take({ name, path, shown }) {
      const found = await stat(path);
      if (found.isSocket()) return path;
      if (found.isDirectory()) return null;
      throw new BuildFailed(
        `The ssh agent ${name} cannot be used: ${shown} on the worker is not a socket.`,
      );
    },
  });
