import { type KnownImage, knownImage } from '../../queue/known-images.ts';
import { manifestDigest } from '../registry/manifests.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { type Bases, lookUpBases } from '../reuse/base-images.ts';
import { fingerprint } from '../reuse/fingerprint.ts';
import type { AttemptContext, AttemptDeps } from './attempt.ts';
import { baseLookup, mustPull } from './base-credentials.ts';
import type { OpenCheckout } from './check-out-build.ts';

/** What a build is made from, as far as it can be told before it is built. */
export type KnownInputs = {
  /** The same for builds whose images are interchangeable; null where that cannot be told. */
  fingerprint: string | null;
  /** The images that the Dockerfile starts from; null where they cannot be told. */
  bases: Bases | null;
  /** Whether they are to be taken from their registries even where the Engine has them. */
  pull: boolean;
};

/** Finds out what a build is made from. Asks the Engine and registries about base images. */
export async function findInputs(
  deps: AttemptDeps,
  attempt: AttemptContext,
  { context }: OpenCheckout,
): Promise<KnownInputs> {
  const { build } = attempt;
  const { platform } = await deps.engine();
  const lookup = await baseLookup(deps, attempt, context);
  const bases = await lookUpBases(lookup, context.dockerfileText, build.recipe.args);
  return {
    bases,
    pull: bases?.pull || (await mustPull(deps, attempt, context, bases)),
    fingerprint: bases && fingerprint({ build, context, bases: bases.ids, platform }),
  };
}

/**
 * The image that an earlier build made of the same inputs, if it is in the registry still and the
 * rule allows it; null where there is none, or any doubt.
 */
export async function findEarlier(
  { store }: AttemptDeps,
  { signal, log }: AttemptContext,
  own: string,
  registry: RegistryClient,
): Promise<KnownImage | null> {
  const known = await knownImage(store, own);
  if (known === null || !(await isThere(registry, known, signal))) return null;
  const from = known.sha.slice(0, 7);
  const text = `Nothing that this build can see has changed since commit ${from}: its image ${known.digest} is used`;
  await log.write('checkout', 'status', text);
  return known;
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
