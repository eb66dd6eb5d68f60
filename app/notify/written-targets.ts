import { LRUCache } from 'lru-cache';
import type { Repository } from '../../queue/build.ts';
import { AccessEnded, type Forge } from '../forge.ts';
import { readRules, rulesPath } from '../rules/read-rules.ts';
import type { Target } from './target.ts';

/** The targets that the rules file at a commit names. Throws when the forge does not answer. */
export type WrittenTargets = (repository: Repository, sha: string) => Promise<Target[]>;

/**
 * How long they are remembered, in milliseconds, and of how many commits: one push may end in many
 * builds, each told to several targets, and each of these would ask the forge.
 */
const remembered = { ttl: 300_000, max: 500 };

/** Reads them from the forge, with a memory of recent answers. */
export function writtenTargets(forge: Forge): WrittenTargets {
  const answers = new LRUCache<string, Target[], Repository>({
    ...remembered,
    fetchMethod: (key, _stale, { context }) => read(forge, context, key.split(' ')[1] ?? ''),
  });
  return async (repository, sha) =>
    (await answers.fetch(`${repository.id} ${sha}`, { context: repository })) ?? [];
}

async function read(forge: Forge, repository: Repository, sha: string): Promise<Target[]> {
  try {
    const content = await forge.readFile(repository, sha, rulesPath);
    const rules = typeof content === 'string' ? readRules(content) : { mistakes: [] };
    if ('mistakes' in rules) return [];
    return rules.notify.map(({ url, format, on }) => ({
      ...{ url, format, on: on ?? null },
      from: 'rules file',
    }));
  } catch (error) {
    // Whose rules may not be read any longer has nobody else to be told.
    if (error instanceof AccessEnded) return [];
    throw error;
  }
}
