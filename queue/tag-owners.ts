import type { Build } from './build.ts';
import { getBuilds, type Store, type StoredBuild } from './build-store.ts';
import type { HeldLock } from './lock.ts';
import { moveTagScript } from './tag-scripts.ts';

/** The push that a tag of an image shows at the moment. */
export type TagOwner = Pick<Build, 'sha' | 'pushedAt' | 'seq' | 'ref' | 'forced'>;

/** A tag's owner, and the text that stands for it in Redis; both are empty for a new tag. */
export type SeenOwner = { owner: TagOwner | null; text: string };

/** The `seq` of the build that each of an image's tags was given to last, in the order asked for. */
export async function tagOwnerSeqs(
  { redis, keys }: Store,
  image: string,
  tags: string[],
): Promise<(number | null)[]> {
  const texts = await redis.hmget(keys.tags(image), ...tags);
  return texts.map((text) => (text === null ? null : (JSON.parse(text) as TagOwner).seq));
}

/** Which push a tag belongs to; none if Slipway never set it. Read it under the image's lock. */
export async function tagOwner(
  { redis, keys }: Store,
  image: string,
  tag: string,
): Promise<SeenOwner> {
  const text = await redis.hget(keys.tags(image), tag);
  return { owner: text === null ? null : (JSON.parse(text) as TagOwner), text: text ?? '' };
}

/** The build that a tag was given to last, if it is known still. Read it under the image's lock. */
export async function tagBuild(
  store: Store,
  image: string,
  tag: string,
): Promise<StoredBuild | undefined> {
  const { owner } = await tagOwner(store, image, tag);
  if (!owner) return;
  const { redis, keys } = store;
  const [build] = await getBuilds(
    store,
    await redis.zrangebyscore(keys.builds, owner.seq, owner.seq),
  );
  return build;
}

/**
 * Says in one atomic step that a tag belongs to this build's push from now on, before the tag is
 * moved in the registry: whoever comes later sees it. Returns false where the lock or the build is
 * no longer the caller's, or the tag was given to somebody else after it was seen.
 */
export async function claimMove(
  { redis, keys }: Store,
  build: StoredBuild,
  tag: string,
  seen: SeenOwner,
  lock: HeldLock,
): Promise<boolean> {
  const { image, sha, pushedAt, seq, ref, forced } = build;
  const owner = JSON.stringify({ sha, pushedAt, seq, ref, forced } satisfies TagOwner);
  const names = [keys.tags(image), lock.key, keys.build(build.id)];
  const answer = redis.eval(
    moveTagScript,
    3,
    ...names,
    tag,
    seen.text,
    owner,
    lock.token,
    build.fence,
  );
  return (await answer) === 1;
}
