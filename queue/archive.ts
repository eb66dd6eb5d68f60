import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, createGzip } from 'node:zlib';
import { hasEnded, type LogLine } from './build.ts';
import { getBuild, type Store, settle } from './build-store.ts';
import { readLiveLines } from './live-log.ts';
import { archiveScript } from './log-scripts.ts';

/** The folder where the logs of ended builds are kept. */
export type Archive = { folder: string };

/**
 * Moves an ended build's log from Redis to the archive: write, mark, only then delete
 * (the order of Quay's build log archiver). Whatever of it was done before is done again without
 * harm. Returns true to the one caller that set the mark.
 */
export async function archiveLog(store: Store, archive: Archive, id: string): Promise<boolean> {
  const build = await getBuild(store, id);
  if (!build || !hasEnded(build.state)) return false;
  if (!build.archivedAt) await write(store, archive, id);
  const now = JSON.stringify(new Date().toISOString());
  const marked = (await store.redis.eval(archiveScript, 1, store.keys.build(id), now)) === 1;
  await store.redis.del(store.keys.log(id));
  await removeUnfinished(archive, id);
  await settle(store, 'dueArchives', build);
  return marked;
}

/** The lines of an archived log that come after line `after`. Throws if the file cannot be read. */
export async function* readArchivedLines(
  archive: Archive,
  id: string,
  after: number,
): AsyncGenerator<LogLine> {
  const file = createReadStream(fileOf(archive, id));
  const unzipped = createGunzip();
  file.on('error', (error) => unzipped.destroy(error));
  try {
    for await (const text of textLines(file.pipe(unzipped))) {
      const line = JSON.parse(text) as LogLine;
      if (line.n > after) yield line;
    }
  } finally {
    file.destroy();
  }
}

/** Node's readline would read ahead by a thousand lines, for each of many readers. */
async function* textLines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** Removes the file of a build's log, if there is one. */
export const removeArchived = (archive: Archive, id: string): Promise<void> =>
  rm(fileOf(archive, id), { force: true });

/** One file a build: gzipped, a JSON object a line, under the first two characters of its id. */
const fileOf = ({ folder }: Archive, id: string): string =>
  join(folder, id.slice(0, 2), `${id}.ndjson.gz`);

/** What archivers that were killed, or overtaken, have left beside a build's file. */
async function removeUnfinished(archive: Archive, id: string): Promise<void> {
  const file = fileOf(archive, id);
  const names = await readdir(dirname(file)).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(`${basename(file)}.`)))
    await rm(join(dirname(file), name), { force: true });
}

async function write(store: Store, archive: Archive, id: string): Promise<void> {
  const file = fileOf(archive, id);
  const unfinished = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    const text = Readable.from(asText(liveLines(store, id)));
    await pipeline(text, createGzip(), createWriteStream(unfinished, { flush: true }));
    // Marked meanwhile: another has written the whole log, and what was read here may be cut short.
    if ((await getBuild(store, id))?.archivedAt) await rm(unfinished, { force: true });
    else await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new Error(`The log of build ${id} could not be written to ${archive.folder}.`, {
      cause: error,
    });
  }
}

async function* asText(lines: AsyncIterable<LogLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

async function* liveLines(store: Store, id: string): AsyncGenerator<LogLine> {
  for (let after = 0; ; ) {
    const lines = await readLiveLines(store, id, after, 1_000);
    if (lines.length === 0) return;
    yield* lines;
    after = lines.at(-1)?.n ?? after;
  }
}
