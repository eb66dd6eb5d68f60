import type { Build } from './build.ts';
import type { Store } from './build-store.ts';

/** An image in the registry that was made of known inputs, and the build that made it. */
export type KnownImage = Pick<Build, 'id' | 'sha' | 'image'> & { digest: string; size: number };

/** Milliseconds for which an image is remembered after it was made or used. */
const lasts = 30 * 24 * 3_600_000;

/** Remembers which image was made of these inputs; a later one takes its place. */
export async function rememberImage(
  { redis, keys }: Store,
  fingerprint: string,
  { id, sha, image, digest, size }: KnownImage,
): Promise<void> {
  const known: KnownImage = { id, sha, image, digest, size };
  await redis.set(keys.knownImage(fingerprint), JSON.stringify(known), 'PX', lasts);
}

/** The image that was made of these inputs, or null; it is remembered for longer now. */
export async function knownImage(
  { redis, keys }: Store,
  fingerprint: string,
): Promise<KnownImage | null> {
  const text = await redis.getex(keys.knownImage(fingerprint), 'PX', lasts);
  return text === null ? null : (JSON.parse(text) as KnownImage);
}
