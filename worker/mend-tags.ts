import { type DoubtfulTag, takeDoubtfulTags } from '../queue/doubtful-tags.ts';
import { withLock } from '../queue/lock.ts';
import { tagBuild } from '../queue/tag-owners.ts';
import type { AttemptDeps } from './attempt/attempt.ts';
import { credentialsFor } from './registry/credentials.ts';
import { manifestDigest } from './registry/manifests.ts';
import { registryClient } from './registry/registry-client.ts';
import { tagManifest } from './registry/tag-manifest.ts';

/** What looking after tags needs. */
export type TagDeps = Pick<AttemptDeps, 'store' | 'dockerConfig' | 'env' | 'log'>;

/** How often it is asked whether a tag is to be looked at, in milliseconds. */
const interval = 5_000;

/** How long one tag may take, in milliseconds. */
const patience = 60_000;

/** Looks after doubtful tags from now on; returns a function that ends it. */
export function keepTags(deps: TagDeps): () => void {
  let isAtIt = false;
  const timer = setInterval(async () => {
    if (isAtIt) return;
    isAtIt = true;
    await mendTags(deps).catch((err: Error) => deps.log.debug({ err }, 'No tag was looked at'));
    isAtIt = false;
  }, interval);
  return () => clearInterval(timer);
}

/**
 * Gives tags back that a registry turned back: it did a request long after nobody waited for it any
 * more, and after a newer push had got the tag. A tag that shows anything else is left alone, and so
 * is one whose newest build is under way.
 */
export async function mendTags(deps: TagDeps): Promise<void> {
  for (const doubtful of await takeDoubtfulTags(deps.store)) {
    await mendTag(deps, doubtful).catch((err: Error) =>
      deps.log.info({ err }, `${doubtful.image}:${doubtful.tag} could not be looked at`),
    );
  }
}

async function mendTag(
  { store, dockerConfig, env, log }: TagDeps,
  { image, tag, digest: old }: DoubtfulTag,
): Promise<void> {
  const client = registryClient({ credentials: () => credentialsFor(image, dockerConfig, env) });
  await withLock(store, `tags:${image}`, AbortSignal.timeout(patience), async (signal) => {
    const build = await tagBuild(store, image, tag);
    if (build?.state !== 'succeeded' || !build.digest || build.digest === old) return;
    if ((await manifestDigest(client, image, tag, signal)) !== old) return;
    await tagManifest(client, image, build.digest, [tag], signal);
    log.warn({ build: build.id }, `${image}:${tag} was turned back by the registry, and is mended`);
  });
}
