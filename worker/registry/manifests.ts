import { createHash } from 'node:crypto';
import type { HttpAnswer } from './exchange.ts';
import type { RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';
import { registryRequest } from './registry-request.ts';
import { isDigest, manifestPath, repositoryOf } from './repository.ts';

/** An image's manifest or index, byte for byte: its digest is over these bytes. */
export type Manifest = { digest: string; mediaType: string; body: Buffer };

/**
 * The digest that a tag or digest of `host[:port]/path` shows, or null when there is none. All
 * functions here throw a RegistryError, what the client's credentials throw, or the signal's
 * reason. They follow the OCI distribution spec, https://github.com/opencontainers/distribution-spec.
 */
export async function manifestDigest(
  client: RegistryClient,
  image: string,
  reference: string,
  signal: AbortSignal,
): Promise<string | null> {
  const answer = await ask(client, { image, reference, method: 'HEAD' }, signal);
  if (!answer) return null;
  // The header is only a SHOULD of the specification.
  return (
    digestHeader(answer) ?? (await getManifest(client, image, reference, signal))?.digest ?? null
  );
}

/**
 * The manifest under a tag or digest, or null when there is none. The digest is computed here, and
 * a registry that says another one, or answers with something else than asked for, is an error.
 */
export async function getManifest(
  client: RegistryClient,
  image: string,
  reference: string,
  signal: AbortSignal,
): Promise<Manifest | null> {
  const answer = await ask(client, { image, reference, method: 'GET' }, signal);
  if (!answer) return null;
  const { body, headers } = answer;
  const digest = digestOf(body);
  const mediaType = (headers['content-type'] ?? '').split(';')[0]!.trim();
  const named = `${image} (${reference})`;
  for (const said of [digestHeader(answer), isDigest(reference) ? reference : null])
    if (said && said !== digest)
      throw new RegistryError(`The registry sent ${digest} for ${named}, which should be ${said}`);
  if (!mediaTypes.includes(mediaType))
    throw new RegistryError(`The registry sent no image manifest for ${named}`, { isFinal: true });
  return { digest, mediaType, body };
}

/**
 * How long a registry may take to store a manifest, in milliseconds: one that is given up may be
 * stored all the same, after a newer one.
 */
const storing = 30_000;

/** Puts a manifest, whose layers have to be there, under a tag. The digest is as in getManifest. */
export async function putManifest(
  client: RegistryClient,
  image: string,
  tag: string,
  { mediaType, body }: Omit<Manifest, 'digest'>,
  signal: AbortSignal,
): Promise<{ digest: string }> {
  const repository = repositoryOf(image);
  const request = {
    host: repository.host,
    path: manifestPath(repository, tag),
    scope: `repository:${repository.path}:pull,push`,
    method: 'PUT' as const,
    headers: { 'content-type': mediaType },
    body,
  };
  const patient = { ...client, timeoutMs: Math.max(client.timeoutMs, storing) };
  const said = digestHeader(await registryRequest(patient, request, signal));
  const digest = digestOf(body);
  if (said && said !== digest)
    throw new RegistryError(`The registry took ${digest} for ${image}:${tag} as ${said}`);
  return { digest };
}

/** All kinds of manifests; without these names a registry would convert some to its oldest kind. */
const mediaTypes = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
];

async function ask(
  client: RegistryClient,
  { image, reference, method }: { image: string; reference: string; method: 'GET' | 'HEAD' },
  signal: AbortSignal,
): Promise<HttpAnswer | null> {
  const repository = repositoryOf(image);
  const request = {
    host: repository.host,
    path: manifestPath(repository, reference),
    scope: `repository:${repository.path}:pull`,
    method,
    headers: { accept: mediaTypes.join(', ') },
    mayBeMissing: true,
  };
  const answer = await registryRequest(client, request, signal);
  return answer.status === 404 ? null : answer;
}

function digestHeader({ headers }: HttpAnswer): string | null {
  const said = headers['docker-content-digest'];
  return typeof said === 'string' && isDigest(said) ? said : null;
}

const digestOf = (body: Buffer): string =>
  `sha256:${createHash('sha256').update(body).digest('hex')}`;
