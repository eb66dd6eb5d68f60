import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Store, StoredBuild } from '../queue/build-store.ts';
import { getRepository } from '../queue/repositories.ts';
import type { Access, Forge } from './forge.ts';

/** Who may see and do what; the answers are the forge's. */
export type Gate = {
  /** Asks the forge, or uses its answer of the last minute. */
  mayRead(token: string | null, of: Pick<StoredBuild, 'repository'>): Promise<boolean>;
  /** Asks the forge each time. */
  accessNow(token: string | null, of: Pick<StoredBuild, 'repository'>): Promise<Access>;
};

/** How long an answer about reading is used again, in milliseconds. */
const remembered = 60_000;

/** The gate of one process, with a memory of recent answers by hashed token. */
export function createGate(store: Store, forge: Forge): Gate {
  const answers = new LRUCache<string, Access>({ max: 10_000, ttl: remembered });

  async function accessNow(token: string | null, of: Pick<StoredBuild, 'repository'>) {
    const repository = (await getRepository(store, of.repository.id)) ?? of.repository;
    return forge.access(repository, token);
  }

  return {
    accessNow,
    async mayRead(token, of) {
      if (token === null) return (await accessNow(null, of)) !== 'none';
      const who = createHash('sha256').update(token).digest('base64');
      const key = `${who} ${of.repository.id}`;
      const access = answers.get(key) ?? (await accessNow(token, of));
      answers.set(key, access, { noUpdateTTL: true });
      return access !== 'none';
    },
  };
}
