import type { Build } from './build.ts';
import type { Store } from './build-store.ts';

/** The push that a tag of an image shows at the moment. */
export type TagOwner = Pick<Build, 'sha' | 'pushedAt' | 'seq' | 'ref'>;

/** Which push a tag belongs to; null if Slipway never set it. Read it under the image's lock. */
export async function tagOwner(
  { redis, keys }: Store,
  image: string,
  tag: string,
): Promise<TagOwner | null> {
  const text = await redis.hget(keys.tags(image), tag);
  return text === null ? null : (JSON.parse(text) as TagOwner);
}

/** Writes down that a tag now shows this build's push. Call it under the image's lock. */
export async function setTagOwner(store: Store, image: string, tag: string, build: TagOwner) {
  const { sha, pushedAt, seq, ref } = build;
  await store.redis.hset(
    store.keys.tags(image),
    tag,
    JSON.stringify({ sha, pushedAt, seq, ref } satisfies TagOwner),
  );
}

/**
 * Whether a build's push is older than the one a tag shows: by GitHub's time of the push, and
 * within the same second by the order in which the builds were planned.
 */
export const isOlder = (build: TagOwner, owner: TagOwner): boolean =>
  build.pushedAt !== owner.pushedAt ? build.pushedAt < owner.pushedAt : build.seq < owner.seq;
