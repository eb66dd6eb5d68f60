import type { StoredBuild } from '../../queue/build-store.ts';
import { externalImages } from '../engine/external-images.ts';
import { imageHost } from '../engine/image-names.ts';
import type { BuildContext } from '../git/context.ts';
import { credentialsFor, secretsOf } from '../registry/credentials.ts';
import type { RegistryAuth } from '../registry/registry-auth.ts';
import { registryHost } from '../registry/registry-host.ts';
import type { AttemptDeps } from './attempt.ts';

/**
 * With which credentials a build may take base images from a registry. From the one that Slipway
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
  const [owner = ''] = build.repo.toLowerCase().split('/');
  const ownPlaces = [`${config.REGISTRY}/${owner}/`, 'docker.io/library/'];
  const ownHost = registryHost(config.REGISTRY);
  return async (host) => {
    const wanted = images.filter((image) => registryHost(imageHost(image)) === registryHost(host));
    const isOwn =
      registryHost(host) !== ownHost ||
      wanted.every((name) => ownPlaces.some((place) => name.startsWith(place)));
    if (build.pullRequest?.isFork || wanted.length === 0 || !isOwn) return {};
    const auth = await credentialsFor(host, dockerConfig, env);
    secrets.push(...secretsOf(auth));
    return auth;
  };
}
