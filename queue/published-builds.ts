import type { Build } from './build.ts';
import type { Store } from './build-store.ts';

/** What the record of a build says of the image that it put into the registry. */
export type PublishedBuild = Pick<Build, 'id' | 'seq' | 'sha' | 'image' | 'tags' | 'size'> & {
  digest: string;
  /** When the build ended, ISO 8601. */
  finishedAt: string;
};

/** So many of a repository's newest builds are looked at. */
const scanLimit = 2_000;
const chunk = 200;

/** Of a record only these are read: the rest is many times larger. */
const fields = [
  ...['id', 'seq', 'sha', 'image', 'tags', 'size', 'digest', 'finishedAt'],
  ...['state', 'publish'],
];

/** The builds of a repository whose image is in the registry, newest first. */
export async function publishedBuilds(
  { redis, keys }: Store,
  repositoryId: number,
): Promise<PublishedBuild[]> {
  const index = keys.buildsOf(repositoryId);
  const ids = await redis.zrevrange(index, '0', String(scanLimit - 1));
  const found: PublishedBuild[] = [];
  for (let start = 0; start < ids.length; start += chunk) {
    const pipeline = redis.pipeline();
    for (const id of ids.slice(start, start + chunk)) pipeline.hmget(keys.build(id), ...fields);
    for (const [error, values] of (await pipeline.exec()) ?? []) {
      if (error) throw error;
      const build = partOf(values as (string | null)[]);
      if (build.state === 'succeeded' && build.publish && build.digest) {
        found.push(build as Build & PublishedBuild);
      }
    }
  }
  return found;
}

const partOf = (values: (string | null)[]): Partial<Build> =>
  Object.fromEntries(fields.map((field, at) => [field, JSON.parse(values[at] ?? 'null')]));
