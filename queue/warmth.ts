import type { Store } from './build-store.ts';
import { lastingScript } from './lasting-script.ts';

/** Where a repository was built, and with which images in a registry another Engine is warm too. */
export type Warmth = {
  /** When each Engine built the rule last, in milliseconds since the epoch. */
  builtAt: Map<string, number>;
  /** References whose layers may be imported. */
  cacheFrom: string[];
};

/** A rule of a repository. */
export type RuleOf = { repositoryId: number; rule: string };

/** Milliseconds after which an Engine counts as cold again: its cache is likely to be gone. */
const lasts = 7 * 24 * 3_600_000;

/** Notes that an Engine has a rule's layers now, and where others find them, if that has changed. */
export async function noteBuilt(
  { redis, keys }: Store,
  { repositoryId, rule }: RuleOf,
  engine: string,
  cacheFrom?: string[],
): Promise<void> {
  const key = keys.warmth(repositoryId, rule);
  const fields = [
    ...[engine, Date.now()],
    ...(cacheFrom ? ['cacheFrom', JSON.stringify(cacheFrom)] : []),
  ];
  // No MULTI: a worker's commands wait until Redis takes them, but not the parts of one.
  await redis.eval(lastingScript, 1, key, lasts, ...fields);
}

/** What is known of a rule's earlier builds. */
export async function readWarmth(
  { redis, keys }: Store,
  { repositoryId, rule }: RuleOf,
): Promise<Warmth> {
  const { cacheFrom = '[]', ...engines } = await redis.hgetall(keys.warmth(repositoryId, rule));
  const oldest = Date.now() - lasts;
  const builtAt = Object.entries(engines).map(([engine, at]): [string, number] => [
    engine,
    Number(at),
  ]);
  return {
    builtAt: new Map(builtAt.filter(([, at]) => at > oldest)),
    cacheFrom: JSON.parse(cacheFrom) as string[],
  };
}
