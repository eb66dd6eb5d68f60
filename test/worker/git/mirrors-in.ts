import { join } from 'node:path';
import type { Mirrors } from '../../../worker/git/mirrors.ts';

/** Mirrors below a folder of one test, whose process is the only one that uses them. */
export function mirrorsIn(folder: string, limit = 2 ** 30): Mirrors {
  const queues = new Map<string, Promise<unknown>>();
  return {
    folder: join(folder, 'mirrors'),
    limit,
    lock: (name, signal, work) => {
      const turn = (queues.get(name) ?? Promise.resolve()).then(() => work(signal));
      queues.set(
        name,
        turn.catch(() => {}),
      );
      return turn;
    },
  };
}
