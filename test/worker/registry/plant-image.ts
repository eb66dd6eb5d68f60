import { createHash, randomBytes } from 'node:crypto';

/** An image in a registry, as small as they can be. */
export type PlantedImage = { image: string; digest: string; mediaType: string; body: Buffer };

const mediaType = 'application/vnd.oci.image.manifest.v1+json';

/**
 * Puts an image without layers, like no other, under a tag of `host/path`; without any client.
 * `more` is what its configuration has besides.
 */
export async function plantImage(
  host: string,
  path: string,
  tag: string,
  more: object = {},
): Promise<PlantedImage> {
  const made = randomBytes(8).toString('hex');
  const config = Buffer.from(JSON.stringify({ os: 'linux', made, ...more }));
  const api = `http://${host}/v2/${path}`;
  const begun = await fetch(`${api}/blobs/uploads/`, { method: 'POST' });
  const upload = new URL(begun.headers.get('location')!, api);
  upload.searchParams.set('digest', digestOf(config));
  const headers = { 'content-type': 'application/octet-stream' };
  await sent(upload, { method: 'PUT', headers, body: config.toString() });
  const body = manifestOf(config);
  await putManifest(`${api}/manifests/${tag}`, mediaType, body);
  return { image: `${host}/${path}`, digest: digestOf(body), mediaType, body };
}

/** An image for one platform among those of an index. */
export type Platformed = PlantedImage & { platform: object };

/** Puts an index of images that lie under `host/path` already under a tag. */
export async function plantIndex(
  host: string,
  path: string,
  tag: string,
  images: Platformed[],
): Promise<PlantedImage> {
  const type = 'application/vnd.oci.image.index.v1+json';
  const manifests = images.map(({ digest, mediaType, body, platform }) => {
    return { mediaType, digest, size: body.length, platform };
  });
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests }));
  await putManifest(`http://${host}/v2/${path}/manifests/${tag}`, type, body);
  return { image: `${host}/${path}`, digest: digestOf(body), mediaType: type, body };
}

const putManifest = (url: string, type: string, body: Buffer): Promise<void> =>
  sent(url, { method: 'PUT', headers: { 'content-type': type }, body: body.toString() });

/** By sha256, as registries name content. */
export const digestOf = (content: Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

function manifestOf(config: Buffer): Buffer {
  const kind = 'application/vnd.oci.image.config.v1+json';
  const about = { mediaType: kind, digest: digestOf(config), size: config.length };
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: about, layers: [] }));
}

async function sent(url: string | URL, init: RequestInit): Promise<void> {
  const { status } = await fetch(url, init);
  if (status !== 201) throw new Error(`${init.method} ${url} was answered with ${status}`);
}
