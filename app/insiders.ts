import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Repository } from '../queue/build.ts';
import type { WebDeps } from './web-deps.ts';

/** Whether somebody may see how the service itself is, by token and the repositories they read. */
export type Insiders = (token: string | null, mine: Repository[]) => Promise<boolean>;

/** How long an answer is used again, in milliseconds. */
const remembered = 60_000;

/** So many public repositories are asked about at most, since each is a question to GitHub. */
const asked = 20;

/**
 * Insiders read a private repository that is built here, or write to one. A token alone proves
 * nothing, and to have signed in little: everybody on GitHub can. Without a GitHub App everybody is
 * one, since the pages are then for this machine only.
 */
export function createInsiders({ gate, setUpPath }: Pick<WebDeps, 'gate' | 'setUpPath'>): Insiders {
  const answers = new LRUCache<string, boolean>({ max: 10_000, ttl: remembered });
  return async (token, mine) => {
    if (setUpPath !== null) return true;
    if (token === null) return false;
    if (mine.some((repository) => repository.private)) return true;
    const who = createHash('sha256').update(token).digest('base64');
    const known = answers.get(who);
    if (known !== undefined) return known;
    for (const repository of mine.slice(0, asked)) {
      if ((await gate.accessNow(token, { repository })) !== 'write') continue;
      answers.set(who, true);
      return true;
    }
    answers.set(who, false);
    return false;
  };
}
