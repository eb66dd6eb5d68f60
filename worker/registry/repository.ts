import { RegistryError } from './registry-error.ts';
import { registryHost } from './registry-host.ts';

/** An image's registry, as registryHost names it, and its name there. */
export type Repository = { host: string; path: string };

/**
 * Takes `host[:port]/path` apart. Throws a RegistryError unless both are what they may be, since
 * they become part of a URL; names as the OCI distribution spec allows them, see
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests.
 */
export function repositoryOf(image: string): Repository {
  const slash = image.indexOf('/');
  const host = image.slice(0, Math.max(slash, 0));
  const path = image.slice(slash + 1);
  const isSound = hostForm.test(host) && URL.canParse(`https://${host}`) && pathForm.test(path);
  if (!isSound || path.length > 255)
    throw new RegistryError(`${image} is not a name an image can have`, { isFinal: true });
  return { host: registryHost(host), path };
}

/** The path of a manifest, by tag or digest. Throws a RegistryError unless it is one of them. */
export function manifestPath({ host, path }: Repository, reference: string): string {
  if (!tagForm.test(reference) && !digestForm.test(reference))
    throw new RegistryError(`${reference} is not a tag or digest an image at ${host} can have`, {
      isFinal: true,
    });
  return `/v2/${path}/manifests/${reference}`;
}

/** The path of a blob. Throws a RegistryError unless it is named by a digest. */
export function blobPath({ host, path }: Repository, digest: string): string {
  if (digestForm.test(digest)) return `/v2/${path}/blobs/${digest}`;
  throw new RegistryError(`${digest} is not a digest a blob at ${host} can have`, {
    isFinal: true,
  });
}

/** Whether this is a digest by sha256, the only kind we compute. */
export const isDigest = (reference: string): boolean => digestForm.test(reference);

const hostForm = /^([\w.-]+|\[[\da-f:]+\])(:\d{1,5})?$/i;
const pathForm = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagForm = /^\w[\w.-]{0,127}$/;
const digestForm = /^sha256:[0-9a-f]{64}$/;
