import type { Store } from './build-store.ts';
import { claimTagScript } from './tag-scripts.ts';

/**
 * Claims a tag of an image for a ref, in one atomic step. A ref whose name is the tag (not
 * changed) always gets it; one whose name was changed gets it only if no other ref has it.
 */
export async function claimTag(
  { redis, keys }: Store,
  image: string,
  tag: string,
  ref: string,
  isChanged: boolean,
): Promise<boolean> {
  const mode = isChanged ? 'changed' : 'exact';
  return (await redis.eval(claimTagScript, 1, keys.tagClaims(image), tag, ref, mode)) === 1;
}
