import type Docker from 'dockerode';

/** What the Engine says of its disk; see https://docs.docker.com/reference/api/engine/version/v1.41/. */
type DiskUsage = {
  BuildCache?: CacheRecord[] | null;
  /** Since API 1.52, instead of the list. */
  BuildCacheUsage?: { TotalSize?: number } | null;
};

type CacheRecord = { Size: number; Shared: boolean };

/**
 * How much of the Engine's disk only BuildKit's cache takes, in bytes; what images have too is not
 * counted, here as in what a prune keeps.
 */
export async function cacheSize(docker: Docker): Promise<number> {
  const { BuildCache, BuildCacheUsage } = (await docker.df()) as DiskUsage;
  if (!BuildCache) return BuildCacheUsage?.TotalSize ?? 0;
  return BuildCache.reduce((sum, { Size, Shared }) => sum + (Shared ? 0 : Size), 0);
}

/**
 * Removes the least used of BuildKit's cache until it takes no more than `keep` bytes, and answers
 * how many were freed. What a running build uses stays, BuildKit sees to that. dockerode's
 * pruneBuilder drops its options and would remove everything.
 */
export async function pruneCache(docker: Docker, keep: number): Promise<number> {
  // 0 would mean no limit to what is kept or removed. The second name is that of Engines since 28.
  const bytes = String(Math.max(1, Math.floor(keep)));
  const query = { all: '1', 'keep-storage': bytes, 'reserved-space': bytes };
  const answer = await new Promise<unknown>((resolve, reject) => {
    docker.modem.dial(
      {
        path: '/build/prune?',
        method: 'POST',
        options: { _query: query, _body: {} },
        statusCodes: { 200: true, 404: 'no such thing', 500: 'server error' },
      } as Parameters<typeof docker.modem.dial>[0],
      (error, said) => (error ? reject(error) : resolve(said)),
    );
  });
  return (answer as { SpaceReclaimed?: number } | null)?.SpaceReclaimed ?? 0;
}
