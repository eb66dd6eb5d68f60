import { getManifest } from './manifests.ts';
import type { RegistryClient } from './registry-client.ts';
import { registryRequest } from './registry-request.ts';
import { blobPath, repositoryOf } from './repository.ts';

/** The part of an image's configuration that is read here. */
export type ImageConfig = { config?: { OnBuild?: string[] | null } };

type Descriptor = {
  digest: string;
  platform?: { os: string; architecture: string; variant?: string };
};

/**
 * The configuration of the image under a digest; of an index the one for a platform
 * (`linux/arm64/v8`). Null where there is none. Throws as `manifestDigest` does. See
 * https://github.com/opencontainers/image-spec/blob/main/image-index.md.
 */
export async function imageConfig(
  client: RegistryClient,
  image: string,
  digest: string,
  platform: string,
  signal: AbortSignal,
): Promise<ImageConfig | null> {
  const found = await getManifest(client, image, digest, signal);
  if (!found) return null;
  const manifest = JSON.parse(found.body.toString('utf8')) as {
    manifests?: Descriptor[];
    config?: Descriptor;
  };
  const inner = manifest.manifests?.find((one) => isFor(one, platform));
  if (inner) return imageConfig(client, image, inner.digest, platform, signal);
  if (!manifest.config) return null;
  const repository = repositoryOf(image);
  const request = {
    host: repository.host,
    path: blobPath(repository, manifest.config.digest),
    scope: `repository:${repository.path}:pull`,
    method: 'GET' as const,
    headers: {},
    mayBeMissing: true,
  };
  const { status, body } = await registryRequest(client, request, signal);
  return status === 404 ? null : (JSON.parse(body.toString('utf8')) as ImageConfig);
}

function isFor({ platform }: Descriptor, wanted: string): boolean {
  const [os, architecture, variant] = wanted.split('/');
  if (platform?.os !== os || platform?.architecture !== architecture) return false;
  return !variant || !platform?.variant || platform.variant === variant;
}
