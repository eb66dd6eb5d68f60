import { createHash, randomBytes } from 'node:crypto';

/** An image in a registry, as small as they can be. */
export type PlantedImage = { image: string; digest: string; mediaType: string; body: Buffer };

const mediaType = 'application/vnd.oci.image.manifest.v1+json';

/** Puts an image without layers, like no other, under a tag of `host/path`; without any client. */
export async function plantImage(host: string, path: string, tag: string): Promise<PlantedImage> {
  const config = Buffer.from(JSON.stringify({ os: 'linux', made: randomBytes(8).toString('hex') }));
  const api = `http://${host}/v2/${path}`;
  const begun = await fetch(`${api}/blobs/uploads/`, { method: 'POST' });
  const upload = new URL(begun.headers.get('location')!, api);
  upload.searchParams.set('digest', digestOf(config));
  const headers = { 'content-type': 'application/octet-stream' };
  await sent(upload, { method: 'PUT', headers, body: config.toString() });
  const body = manifestOf(config);
  const put = { method: 'PUT', headers: { 'content-type': mediaType }, body: body.toString() };
  await sent(`${api}/manifests/${tag}`, put);
  return { image: `${host}/${path}`, digest: digestOf(body), mediaType, body };
}

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
