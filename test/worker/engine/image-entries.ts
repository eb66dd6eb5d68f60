import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { docker } from './real-engine.ts';

/** An entry of an image's layers; left out are times and owners. */
export type ImageEntry = {
  name: string;
  type: string;
  mode: string;
  size: number;
  link: string;
  content: string;
};

/** The entries of all layers of an image, by name. */
export async function imageEntries(tag: string): Promise<ImageEntry[]> {
  const files = new Map<string, Buffer>();
  for await (const entry of pipeline(await docker.getImage(tag).get(), extract(), () => {})) {
    files.set(entry.header.name, await buffer(entry));
  }
  const [manifest] = JSON.parse(String(files.get('manifest.json'))) as { Layers: string[] }[];
  const entries: ImageEntry[] = [];
  for (const layer of manifest?.Layers ?? []) {
    entries.push(...(await entriesOf(files.get(layer) ?? Buffer.alloc(0))));
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function entriesOf(layer: Buffer): Promise<ImageEntry[]> {
  const entries: ImageEntry[] = [];
  for await (const entry of pipeline(Readable.from([layer]), extract(), () => {})) {
    const { name, type, mode = 0, size = 0, linkname } = entry.header;
    const content = createHash('sha256')
      .update(await buffer(entry))
      .digest('hex')
      .slice(0, 12);
    // git keeps no more of a mode than a repository can have: neither setuid nor sticky.
    const permissions = (mode & 0o777).toString(8);
    const link = linkname ?? '';
    entries.push({ name, type: String(type), mode: permissions, size, link, content });
  }
  return entries;
}
