import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { execa } from 'execa';
import { extract } from 'tar-stream';

/** An entry of a context's tar; left out are uid, gid and times, see context.test.ts. */
export type Entry = {
  name: string;
  type: string;
  mode: string;
  size: number;
  link: string | null;
  content: string;
};

/** What a `docker build` sent, or the sentence with which it refused. */
export type Sent = { entries: Entry[]; dockerfile: string } | { refused: string };

/** The entries of a tar by name, in the tar's order. */
export async function entriesOf(tar: Readable): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of pipeline(tar, extract(), () => {})) {
    const { name, type, mode = 0, size = 0, linkname } = entry.header;
    const content = createHash('sha256')
      .update(await buffer(entry))
      .digest('hex')
      .slice(0, 12);
    const link = linkname ?? null;
    const permissions = (mode & 0o7777).toString(8);
    entries.push({ name, type: String(type), mode: permissions, size, link, content });
  }
  return entries;
}

/**
 * Starts an engine on a socket that only takes contexts. `send` runs Debian's `docker build` with
 * the classic builder, whose context is one tar, and answers what came.
 */
export async function startContextCatcher(folder: string) {
  let sent: { entries: Entry[]; dockerfile: string } | null = null;
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://engine');
    response.setHeader('Api-Version', '1.41');
    response.setHeader('Ostype', 'linux');
    if (!pathname.endsWith('/build')) return response.end('OK');
    const entries = await entriesOf(request);
    sent = { entries, dockerfile: searchParams.get('dockerfile') ?? '' };
    return response.end('{"stream":"taken"}\n');
  });
  const socket = join(folder, 'catcher.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    async send(context: string, ...args: string[]): Promise<Sent> {
      sent = null;
      const command = process.env.SLIPWAY_TEST_DOCKER_COMMAND ?? '/usr/bin/docker';
      const { failed, stderr } = await execa(command, ['build', ...args, context], {
        env: { DOCKER_BUILDKIT: '0', DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: folder },
        reject: false,
      });
      return sent ?? { refused: failed ? stderr : 'nothing was sent' };
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
