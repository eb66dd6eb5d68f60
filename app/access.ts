import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Store, StoredBuild } from '../queue/build-store.ts';
import { getRepository } from '../queue/repositories.ts';
import type { Access, Forge } from './forge.ts';

/** Whatever belongs to a repository. */
type OfRepository = Pick<StoredBuild, 'repository'>;

/** Who may see and do what; the answers are the forge's. */
export type Gate = {
  /**
   * Asks the forge, or uses its answer of the last minute. Throws if the forge does not answer, but
   * never where everybody may read.
   */
  mayRead(token: string | null, of: OfRepository): Promise<boolean>;
  /** Asks the forge each time. */
  accessNow(token: string | null, of: OfRepository): Promise<Access>;
  /** As the forge's, of the last minute. */
  sharedWith(token: string): ReturnType<Forge['sharedWith']>;
};

/**
 * The gate of one process, with a memory of recent answers by hashed token: one about reading is used
 * again for `remembered` milliseconds.
 */
export function createGate(store: Store, forge: Forge, remembered = 60_000): Gate {
  // Those who ask the same at once wait for one answer; one that fails is not kept.
  const answers = new LRUCache<string, Access, { token: string; of: OfRepository }>({
    ...{ max: 10_000, ttl: remembered, ignoreFetchAbort: true },
    fetchMethod: (_key, _stale, { context: { token, of } }) => accessNow(token, of),
  });
  const lists = new LRUCache<string, { ids: ReadonlySet<number> | null }, { token: string }>({
    ...{ max: 1_000, ttl: remembered, ignoreFetchAbort: true },
    fetchMethod: async (_key, _stale, { context: { token } }) => ({
      ids: await forge.sharedWith(token),
    }),
  });

  async function accessNow(token: string | null, of: OfRepository): Promise<Access> {
    const repository = (await getRepository(store, of.repository.id)) ?? of.repository;
    return forge.access(repository, token);
  }

  return {
    accessNow,
    async mayRead(token, of) {
      if ((await accessNow(null, of)) !== 'none') return true;
      if (token === null) return false;
      const key = `${hashOf(token)} ${of.repository.id}`;
      return (await answers.forceFetch(key, { context: { token, of } })) !== 'none';
    },
    async sharedWith(token) {
      return (await lists.forceFetch(hashOf(token), { context: { token } })).ids;
    },
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64');
