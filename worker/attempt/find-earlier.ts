import { type KnownImage, knownImage } from '../../queue/known-images.ts';
import { manifestDigest } from '../registry/manifests.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { type Bases, lookUpBases } from '../reuse/base-images.ts';
import { fingerprint } from '../reuse/fingerprint.ts';
import { baseCredentials } from './base-credentials.ts';
import type { AttemptContext } from './build-and-push.ts';
import type { OpenCheckout } from './check-out-build.ts';
import type { AttemptDeps } from './run-attempt.ts';

/** What earlier builds mean for this one. */
export type Earlier = {
  /** The image that was made of the same inputs and is in the registry still; null if none is. */
  image: KnownImage | null;
  fingerprint: string | null;
  /** The images that the Dockerfile starts from; null where they cannot be told. */
  bases: Bases | null;
};

/** Looks for an image that is the one this build would make. Whatever is in doubt is built. */
export async function findEarlier(
  deps: AttemptDeps,
  attempt: AttemptContext,
  { context }: OpenCheckout,
  registry: RegistryClient,
): Promise<Earlier> {
  const { build, signal, log, secrets } = attempt;
  const { recipe } = build;
  const { platform } = await deps.engine();
  const lookup = {
    ...{ docker: deps.docker, silent: deps.silentHosts, signal },
    platform: recipe.platforms[0] ?? platform,
    credentials: baseCredentials(deps, build, context, secrets),
  };
  const bases = await lookUpBases(lookup, context.dockerfileText, recipe.args);
  const own = bases && fingerprint({ build, context, bases: bases.ids, platform });
  const none: Earlier = { image: null, fingerprint: own, bases };
  if (own === null || !recipe.reuse || !recipe.cache) return none;
  const known = await knownImage(deps.store, own);
  if (known === null) return none;
  if (!(await isThere(registry, known, signal))) return none;
  const from = known.sha.slice(0, 7);
  await log.write(
    'checkout',
    'status',
    `Nothing that this build can see has changed since commit ${from}: its image ${known.digest} is used`,
  );
  return { ...none, image: known };
}

async function isThere(registry: RegistryClient, known: KnownImage, signal: AbortSignal) {
  try {
    const { image, digest } = known;
    return (await manifestDigest(registry, image, digest, signal)) === digest;
  } catch (error) {
    // A registry that does not answer now takes the image of a build later.
    if (error instanceof RegistryError) return false;
    throw error;
  }
}
