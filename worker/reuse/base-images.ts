import type Docker from 'dockerode';
import { LRUCache } from 'lru-cache';
import { externalImages } from '../engine/external-images.ts';
import { imageHost } from '../engine/image-names.ts';
import { imageConfig } from '../registry/image-config.ts';
import { manifestDigest } from '../registry/manifests.ts';
import type { RegistryAuth } from '../registry/registry-auth.ts';
import { type RegistryClient, registryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';

/** The images a Dockerfile starts from, as they are at the moment. */
export type Bases = {
  /** What stands for each one's content, by its name in full: a digest or the Engine's own id. */
  ids: Record<string, string>;
  /** Whether the Engine has an older one than the registry, and could get all of them anew. */
  isStale: boolean;
};

/** What looking at base images needs. */
export type BaseLookup = {
  docker: Docker;
  credentials: (host: string) => Promise<RegistryAuth>;
  /** Hosts that did not answer lately. */
  silent: LRUCache<string, true>;
  /** `os/architecture[/variant]`. */
  platform: string;
  signal: AbortSignal;
};

/** How long a registry may take to say which image a name stands for, in milliseconds. */
const patience = 3_000;

/** Remembers for a minute which hosts do not answer, so that not every build waits for them. */
export const silentHosts = (): BaseLookup['silent'] => new LRUCache({ max: 1_000, ttl: 60_000 });

/**
 * Looks up each image that a Dockerfile takes from outside, in its registry and in the Engine.
 * Null where one cannot be told, or has ONBUILD instructions, which see what no look at this
 * Dockerfile finds.
 */
export async function lookUpBases(
  lookup: BaseLookup,
  dockerfileText: string,
  buildArgs: Record<string, string>,
): Promise<Bases | null> {
  const names = externalImages(dockerfileText, buildArgs);
  if (names === null) return null;
  const found = await Promise.all(names.map((name) => lookUp(lookup, name)));
  const known = found.filter((base) => base !== null);
  if (known.length < found.length) return null;
  const isStale =
    known.some((base) => base.isStale) && known.every(({ digest }) => digest !== null);
  return {
    ids: Object.fromEntries(known.map((base) => [base.name, idOf(base, isStale)])),
    isStale,
  };
}

type Base = { name: string; digest: string | null; ownId: string | null; isStale: boolean };

/** The Engine's own is used in a build unless that is told to look for a newer one. */
function idOf({ digest, ownId, isStale }: Base, isPulled: boolean): string {
  if (isStale && !isPulled) return `${digest} ${ownId}`;
  return digest ?? ownId ?? '';
}

async function lookUp(lookup: BaseLookup, name: string): Promise<Base | null> {
  const host = imageHost(name);
  const client = registryClient({
    credentials: () => lookup.credentials(host),
    timeoutMs: patience,
  });
  const [image, reference] = split(name);
  const [own, digest] = await Promise.all([
    inEngine(lookup.docker, name),
    inRegistry(lookup, client, image, reference),
  ]);
  const isStale = own !== null && digest !== null && !own.digests.includes(digest);
  const newer =
    digest && (own === null || isStale) ? await configOf(lookup, client, image, digest) : null;
  const possible = [...(own ? [own] : []), ...(own === null || isStale ? [newer] : [])];
  if (possible.some((config) => config === null || config.onBuild.length > 0)) return null;
  return { name, digest, ownId: own?.id ?? null, isStale };
}

async function inEngine(docker: Docker, name: string) {
  try {
    const { Id, RepoDigests, Config } = await docker.getImage(name).inspect();
    const digests = (RepoDigests ?? []).map((reference) => reference.split('@')[1] ?? '');
    return { id: Id, digests, onBuild: (Config.OnBuild as string[] | null) ?? [] };
  } catch (error) {
    // 400 is for what is no name of an image, which the build itself will say.
    if ([400, 404].includes((error as { statusCode?: number }).statusCode ?? 0)) return null;
    throw error;
  }
}

async function inRegistry(
  { silent, signal }: BaseLookup,
  client: RegistryClient,
  image: string,
  reference: string,
): Promise<string | null> {
  if (silent.has(imageHost(image))) return null;
  try {
    return await manifestDigest(client, image, reference, signal);
  } catch (error) {
    signal.throwIfAborted();
    // The build itself will say what is wrong, if it needs the registry at all.
    const isSilent = error instanceof RegistryError && error.status === null && !error.isFinal;
    if (isSilent) silent.set(imageHost(image), true);
    return null;
  }
}

async function configOf(
  { platform, signal }: BaseLookup,
  client: RegistryClient,
  image: string,
  digest: string,
): Promise<{ onBuild: string[] } | null> {
  const config = await imageConfig(client, image, digest, platform, signal).catch(() => null);
  signal.throwIfAborted();
  return config && { onBuild: config.config?.OnBuild ?? [] };
}

/** A reference in full as its image and its digest, or else its tag. */
function split(name: string): [image: string, reference: string] {
  const [named = '', digest] = name.split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/'));
  const image = colon === -1 ? named : named.slice(0, colon);
  return [image, digest ?? named.slice(colon + 1)];
}
