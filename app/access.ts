import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Repository } from '../queue/build.ts';
import type { Store, StoredBuild } from '../queue/build-store.ts';
import { findRepository, getRepository } from '../queue/repositories.ts';
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
  /**
   * A repository by its name, if Slipway knows it and the bearer may read it; null if not. The forge is
   * asked alike about names that Slipway knows and those that it does not, so that neither time nor
   * failures tell them apart. Throws as `mayRead` does.
   */
  readable(token: string | null, fullName: string): Promise<Repository | null>;
  /**
   * `mayRead` for the entries of one list: by the forge's list of what is shared with the bearer or,
   * where it has none for such a token, by so many questions at most; what is beyond is left out.
   */
  reader(token: string | null): (of: OfRepository) => Promise<boolean>;
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

  async function mayRead(token: string | null, of: OfRepository): Promise<boolean> {
    if ((await accessNow(null, of)) !== 'none') return true;
    return token !== null && isReadable(token, of, '');
  }

  const isReadable = async (token: string, of: OfRepository, askedFor: string) => {
    const key = `${hashOf(token)} ${of.repository.id} ${askedFor}`;
    return (await answers.forceFetch(key, { context: { token, of } })) !== 'none';
  };

  const sharedWith = async (token: string) =>
    (await lists.forceFetch(hashOf(token), { context: { token } })).ids;

  return {
    ...{ accessNow, mayRead, sharedWith },
    async readable(token, fullName) {
      const repository = await findRepository(store, fullName);
      if (repository && (await forge.access(repository, null)) !== 'none') return repository;
      if (token === null) return null;
      // Under the name that was asked for, since of an unknown one there is nothing else.
      const of = { repository: repository ?? { ...unknown, fullName } };
      return (await isReadable(token, of, fullName.toLowerCase())) ? repository : null;
    },
    reader(token) {
      const asked = new Set<number>();
      return async (of) => {
        const { id } = of.repository;
        if ((await accessNow(null, of)) !== 'none') return true;
        if (token === null) return false;
        const shared = await sharedWith(token);
        if (shared === null || shared.has(id)) return true;
        // Only people who are signed in have such a list; a token made at GitHub has none.
        if (shared.size > 0 || (asked.size >= mostAsked && !asked.has(id))) return false;
        asked.add(id);
        return mayRead(token, of);
      };
    },
  };
}

/** About so many private repositories the forge is asked for one page of a list. */
const mostAsked = 30;

/** What the forge is asked about where Slipway knows nothing; no repository has this id. */
const unknown = {
  ...{ id: 0, private: true, defaultBranch: '', description: null, htmlUrl: '' },
  ...{ license: null, installationId: null },
};

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64');
