import type Docker from 'dockerode';
import type { Store } from '../../queue/build-store.ts';

/** Notes that Slipway has pulled an image into an Engine that had none of that name. */
export async function notePulled(
  { redis, keys }: Store,
  engine: string,
  docker: Docker,
  name: string,
): Promise<void> {
  const { Id } = await docker.getImage(name).inspect();
  await redis.zadd(keys.pulledImages(engine), Date.now(), `${Id} ${name}`);
}

/** Notes that an image is used; one that Slipway has not pulled stays unknown. */
export async function noteUsed(
  { redis, keys }: Store,
  engine: string,
  docker: Docker,
  name: string,
): Promise<void> {
  const { Id } = await docker.getImage(name).inspect();
  await redis.zadd(keys.pulledImages(engine), 'XX', Date.now(), `${Id} ${name}`);
}

/**
 * Removes images that Slipway pulled, the one unused for longest first, until so many bytes are
 * freed, and answers how many were. One that a container uses stays, and so does one whose name
 * shows another image by now or which has got a further name: that is somebody else's.
 */
export async function prunePulled(
  { redis, keys }: Store,
  engine: string,
  docker: Docker,
  wanted: number,
): Promise<number> {
  const key = keys.pulledImages(engine);
  const known = await redis.zrange(key, '0', '-1');
  if (known.length === 0) return 0;
  const { Images } = (await docker.df()) as { Images?: ImageUsage[] | null };
  let freed = 0;
  for (const member of known) {
    if (freed >= wanted) break;
    const [id = '', name = ''] = member.split(' ');
    const size = Images?.find(({ Id }) => Id === id);
    const end = await removePulled(docker, id, name);
    if (end !== 'in use') await redis.zrem(key, member);
    if (end === 'removed') freed += size ? size.Size - Math.max(0, size.SharedSize) : 0;
  }
  return freed;
}

type ImageUsage = { Id: string; Size: number; SharedSize: number };

async function removePulled(
  docker: Docker,
  id: string,
  name: string,
): Promise<'removed' | 'in use' | 'not ours'> {
  try {
    const { Id, RepoTags } = await docker.getImage(name).inspect();
    if (Id !== id || (RepoTags ?? []).length > 1) return 'not ours';
    await docker.getImage(name).remove();
    return 'removed';
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode === 404) return 'not ours';
    if (statusCode === 409) return 'in use';
    throw error;
  }
}
