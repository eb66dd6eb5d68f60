import type Docker from 'dockerode';
import { LRUCache } from 'lru-cache';
import { externalImages } from '../engine/external-images.ts';
import { imageHost } from '../engine/image-names.ts';
import { imageConfig } from '../registry/image-config.ts';
import { manifestDigest } from '../registry/manifests.ts';
import type { RegistryAuth } from '../registry/registry-auth.ts';
import { type RegistryClient, registryClient } from '../registry/registry-client.ts';

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
  return {
    ids: Object.fromEntries(known.map(({ name, id }) => [name, id])),
    isStale: known.some((base) => base.isStale) && known.every((base) => base.isInRegistry),
  };
}

type Base = { name: string; id: string; isInRegistry: boolean; isStale: boolean };

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
  if (!own && !digest) return null;
  const config = own ?? (digest && (await configOf(lookup, client, image, digest)));
  if (!config || config.onBuild.length > 0) return null;
  if (!digest) return { name, id: own?.id ?? '', isInRegistry: false, isStale: false };
  const isStale = own !== null && !own.digests.includes(digest);
  // The Engine's own is used in a build unless it is told to look for a newer one.
  const id = isStale ? `${digest} ${own.id}` : digest;
  return { name, id, isInRegistry: true, isStale };
}

async function inEngine(docker: Docker, name: string) {
  try {
    const { Id, RepoDigests, Config } = await docker.getImage(name).inspect();
    const digests = (RepoDigests ?? []).map((reference) => reference.split('@')[1] ?? '');
    return { id: Id, digests, onBuild: (Config.OnBuild as string[] | null) ?? [] };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return null;
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
    if ((error as { status?: number | null }).status === null) silent.set(imageHost(image), true);
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
