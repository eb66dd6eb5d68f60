import { getManifest, manifestDigest, putManifest } from './manifests.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/**
 * Gives tags to an image that is in the registry already, without the Engine, and looks whether
 * they show it. Throws a RegistryError when there is no such image, or a tag is refused or shows
 * another one; the other tags may have been given then. Throws only once no request is on its way.
 */
export async function tagManifest(
  client: RegistryClient,
  image: string,
  digest: string,
  tags: string[],
  signal: AbortSignal,
): Promise<void> {
  const manifest = await getManifest(client, image, digest, signal);
  if (!manifest) throw new RegistryError(`The registry has no ${image}@${digest}`, { status: 404 });
  await allSettled(tags.map((tag) => putManifest(client, image, tag, manifest, signal)));
  await allSettled(
    tags.map(async (tag) => {
      const shown = await manifestDigest(client, image, tag, signal);
      if (shown === digest) return;
      throw new RegistryError(`${image}:${tag} shows ${shown ?? 'nothing'} instead of ${digest}`);
    }),
  );
}

/** Like Promise.all, but waits for the others before it throws. */
async function allSettled(promises: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
