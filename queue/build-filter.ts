import type { BuildState } from './build.ts';
import type { Store, StoredBuild } from './build-store.ts';

/** Which builds are wanted; every part given must hold. */
export type BuildFilter = {
  repositoryId?: number;
  state?: BuildState;
  /** A full ref or the name of a branch or tag. */
  ref?: string;
  /** A commit id or its beginning. */
  sha?: string;
  /** A rule's name. */
  name?: string;
  /** Stands in the commit's message, author or id, or in the ref; upper and lower case are the same. */
  text?: string;
};

/** What a filter looks at in a record. */
const looksAt: { [part in keyof BuildFilter]-?: (keyof Matched)[] } = {
  ...{ repositoryId: [], state: ['state'], ref: ['ref'], sha: ['sha'], name: ['name'] },
  text: ['message', 'author', 'ref', 'sha'],
};

/**
 * Those of the ids whose builds match, in the same order. Of a record only that is read which the
 * filter looks at: the rest is many times larger, and most of what is asked for is not there.
 */
export async function idsMatching(
  { redis, keys }: Store,
  ids: string[],
  filter: BuildFilter,
): Promise<string[]> {
  const parts = (Object.keys(filter) as (keyof BuildFilter)[]).filter(
    (part) => filter[part] !== undefined,
  );
  const fields = [...new Set(parts.flatMap((part) => looksAt[part]))];
  if (fields.length === 0) return ids;
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(keys.build(id), ...fields);
  const answers = (await pipeline.exec()) ?? [];
  return ids.filter((_, at) => {
    const [error, values] = answers[at] as [Error | null, (string | null)[]];
    if (error) throw error;
    if (values.includes(null)) return false;
    const part = fields.map((field, index) => [field, JSON.parse(values[index]!)]);
    return matches(Object.fromEntries(part) as Matched, filter);
  });
}

/** What of a record is looked at. */
type Matched = Pick<StoredBuild, 'state' | 'ref' | 'sha' | 'name' | 'message' | 'author'>;

/** Whether a build is one of those wanted. */
export function matches(build: Matched, { state, ref, sha, name, text }: BuildFilter): boolean {
  if (state && build.state !== state) return false;
  if (name !== undefined && build.name !== name) return false;
  if (text && !holds(build, text.toLowerCase())) return false;
  if (sha && !build.sha.startsWith(sha)) return false;
  return !ref || build.ref === ref || build.ref.replace(/^refs\/(heads|tags)\//, '') === ref;
}

const holds = ({ message, author, ref, sha }: Matched, text: string): boolean =>
  [message, author, ref, sha].some((one) => one.toLowerCase().includes(text));
