import type { StoredBuild } from '../../queue/build-store.ts';
import { externalImages } from '../engine/external-images.ts';
import { imageHost } from '../engine/image-names.ts';
import type { BuildContext } from '../git/context.ts';
import { credentialsFor, secretsOf } from '../registry/credentials.ts';
import type { RegistryAuth } from '../registry/registry-auth.ts';
import { registryHost } from '../registry/registry-host.ts';
import { type BaseLookup, type Bases, mayTakeMore } from '../reuse/base-images.ts';
import type { AttemptContext, AttemptDeps } from './attempt.ts';

/**
 * The same for a build, which may take images that only a base image's ONBUILD names: with one of
 * those the registry that Slipway pushes to is read as nobody.
 */
export function buildCredentials(
  deps: AttemptDeps,
  attempt: Pick<AttemptContext, 'build' | 'secrets' | 'signal'>,
  context: BuildContext,
  others: string[] = [],
): (host: string) => Promise<RegistryAuth> {
  const { build, secrets } = attempt;
  const credentials = baseCredentials(deps, build, context, secrets, others);
  const ownHost = registryHost(deps.config.REGISTRY);
  return async (host) => {
    const auth = await credentials(host);
    const isGiven = Object.keys(auth).length > 0;
    if (!isGiven || registryHost(host) !== ownHost) return auth;
    const lookup = await baseLookup(deps, attempt, context);
    const { args } = build.recipe;
    return (await mayTakeMore(lookup, context.dockerfileText, args)) ? {} : auth;
  };
}

/**
 * Whether a build must take its base images from their registries even where the Engine has them: in
 * the Engine other owners' images lie by their names while they are pushed, and it asks nobody.
 * `bases` is what is known of them. True in doubt.
 */
export async function mustPull(
  deps: AttemptDeps,
  attempt: Pick<AttemptContext, 'build' | 'secrets' | 'signal'>,
  context: BuildContext,
  bases: Bases | null,
): Promise<boolean> {
  const { args } = attempt.build.recipe;
  const names = externalImages(context.dockerfileText, args);
  if (names === null) return true;
  if (names.some((name) => isOthers(deps.config.REGISTRY, attempt.build, name))) return true;
  if (bases !== null) return false;
  return mayTakeMore(await baseLookup(deps, attempt, context), context.dockerfileText, args);
}

/** Whether an image is in the registry that Slipway pushes to, and another owner's there. */
function isOthers(registry: string, { repo }: StoredBuild, name: string): boolean {
  const [owner = ''] = repo.toLowerCase().split('/');
  const ownPlaces = [`${registry}/${owner}/`, 'docker.io/library/'];
  const isThere = registryHost(imageHost(name)) === registryHost(registry);
  return isThere && !ownPlaces.some((place) => name.startsWith(place));
}

/** What looking at a build's base images needs. */
export async function baseLookup(
  deps: AttemptDeps,
  { build, signal, secrets }: Pick<AttemptContext, 'build' | 'secrets' | 'signal'>,
  context: BuildContext,
): Promise<BaseLookup> {
  const { platform } = await deps.engine();
  return {
    ...{ docker: deps.docker, memory: deps.baseMemory, signal },
    platform: build.recipe.platforms[0] ?? platform,
    credentials: baseCredentials(deps, build, context, secrets),
  };
}

/**
 * With which credentials a Dockerfile's base images may be looked at in a registry. From the one that Slipway
 * pushes to only where the Dockerfile takes nothing there but images of the repository's own owner,
 * and Docker's official ones: the worker may read everybody's. `others` are images that
 * Slipway itself names. None for a fork's pull request, and none for a host that the
 * Dockerfile does not name.
 */
export function baseCredentials(
  { config, dockerConfig, env }: AttemptDeps,
  build: StoredBuild,
  { dockerfileText }: BuildContext,
  secrets: string[],
  others: string[] = [],
): (host: string) => Promise<RegistryAuth> {
  const images = [...(externalImages(dockerfileText, build.recipe.args) ?? []), ...others];
  return async (host) => {
    const wanted = images.filter((image) => registryHost(imageHost(image)) === registryHost(host));
    const isOwn = !wanted.some((name) => isOthers(config.REGISTRY, build, name));
    if (build.pullRequest?.isFork || wanted.length === 0 || !isOwn) return {};
    const auth = await credentialsFor(host, dockerConfig, env);
    secrets.push(...secretsOf(auth));
    return auth;
  };
}
