import { takeDueScript } from './build-scripts.ts';
import type { Store } from './build-store.ts';

/** A tag of an image, and what a registry may have it show yet though nobody asks for it any more. */
export type DoubtfulTag = { image: string; tag: string; digest: string };

/** When a tag is looked at first, how often from then on, and for how long, in milliseconds. */
const times = { first: 15_000, pause: 60_000, last: 15 * 60_000 };

/** So many are taken in one go: each is a request. */
const atOnce = 20;

/** Has tags looked at for a while, after a request for them of which no answer came. */
export async function doubtTags(
  { redis, keys }: Store,
  { image, tags, digest }: { image: string; tags: string[]; digest: string },
): Promise<void> {
  const now = Date.now();
  const members = tags.map((tag) => [image, tag, digest, now + times.last].join(' '));
  const scored = members.flatMap((member) => [now + times.first, member]);
  await redis.zadd(keys.doubtfulTags, ...scored);
}

/** The tags to be looked at now; nobody else gets them until the next time. */
export async function takeDoubtfulTags({ redis, keys }: Store): Promise<DoubtfulTag[]> {
  const now = Date.now();
  const next = now + times.pause;
  const due = await redis.eval(takeDueScript, 1, keys.doubtfulTags, now, next, atOnce);
  const found: DoubtfulTag[] = [];
  for (const member of due as string[]) {
    const [image = '', tag = '', digest = '', last] = member.split(' ');
    found.push({ image, tag, digest });
    if (Number(last) < next) await redis.zrem(keys.doubtfulTags, member);
  }
  return found;
}
