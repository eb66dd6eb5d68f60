import { once } from 'node:events';
import { setImmediate as rest } from 'node:timers/promises';
import { type Metadata, type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { BuildContext } from '../git/context.ts';
import { type Fields, field, messageType, method, type SessionService } from './session-service.ts';
import { type SyncEntry, syncedContext, syncedDockerfile, syncedFile } from './synced-entries.ts';

/**
 * Gives BuildKit the files of a context as docker's own client does: it is told of every file, and
 * asks for the content of those that it has not from an earlier build
 * (https://github.com/tonistiigi/fsutil/blob/master/send.go). What cannot be read is for
 * `onError`, and breaks the build off.
 */
export function filesService(
  context: BuildContext,
  onError: (error: unknown) => void,
): SessionService {
  return {
    methods: [path],
    definition: method(path, packet, packet, true),
    handlers: {
      DiffCopy: (call: Transfer) => {
        send(call, context, wantedBy(context, call.metadata)).catch((error) => {
          onError(error);
          const details = error instanceof Error ? error.message : String(error);
          call.emit('error', { code: status.ABORTED, details });
        });
      },
    },
  };
}

type Transfer = ServerDuplexStream<Packet, Partial<Packet>>;
type Packet = { type: number; stat: object | null; ID: number; data: Buffer };

/** https://github.com/tonistiigi/fsutil/blob/master/types/wire.proto */
const types = { stat: 0, request: 1, data: 2, end: 3, error: 4 };

/** After so many messages in a row the process sees to other things. */
const restEvery = 1_000;

/** The most of a file in one message, in bytes. */
const largestPiece = 2 ** 16;

/**
 * BuildKit asks for the Dockerfile, for the ignore file, and for the rest. It gets no ignore file, which
 * has been applied here, but where a Dockerfile copies it: if it copies nothing else, both are asked
 * for in one.
 */
function wantedBy(context: BuildContext, metadata: Metadata): SyncEntry[] {
  const asked = (key: string): string[] => metadata.get(key).map((value) => String(value));
  if (asked('dir-name')[0] === 'dockerfile') return syncedDockerfile(context);
  const paths = asked('followpaths');
  if (paths.length !== 1 || paths[0] !== '.dockerignore') return syncedContext(context);
  return copiesIgnoreFile.test(context.dockerfileText) ? syncedFile(context, '.dockerignore') : [];
}

const copiesIgnoreFile = /^[ \t]*(?:COPY|ADD)\b.*\.dockerignore/im;

async function send(call: Transfer, context: BuildContext, entries: SyncEntry[]): Promise<void> {
  const { promise: ended, end } = untilEnd(call);
  let sending: Promise<unknown> = Promise.resolve();
  let hasFailed = false;
  const fail = (error: Error): void => {
    hasFailed = true;
    end(error);
  };
  call.on('data', ({ type, ID, data }: Packet) => {
    if (type === types.error) end(new Error(`BuildKit cannot take the context: ${data}`));
    const entry = entries[ID]?.source;
    if (type === types.request && entry) {
      // After the first that cannot be read nobody waits for the others, of which there may be many.
      sending = sending
        .then(() => (hasFailed ? undefined : sendFile(call, ID, context.tree.read(entry))))
        .catch(fail);
    }
    if (type === types.end) end();
  });
  for (const [index, { stat }] of entries.entries()) {
    await write(call, { type: types.stat, stat });
    if (index % restEvery === 0) await rest();
  }
  await write(call, { type: types.stat });
  await ended;
  await sending;
  await write(call, { type: types.end });
  call.end();
}

/** A transfer ends by BuildKit's word, or when its connection does. */
function untilEnd(call: Transfer) {
  let end: (error?: Error) => void = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
    call.on('cancelled', () => reject(new Error('BuildKit ended the transfer of the context')));
    call.on('error', reject);
  });
  // It may end while nobody waits yet.
  promise.catch(() => {});
  return { promise, end };
}

async function sendFile(call: Transfer, ID: number, content: AsyncIterable<Buffer>) {
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length; at += largestPiece) {
      await write(call, { type: types.data, ID, data: chunk.subarray(at, at + largestPiece) });
    }
  }
  await write(call, { type: types.data, ID });
}

async function write(call: Transfer, message: Partial<Packet>): Promise<void> {
  if (call.write(message)) return;
  // A transfer that was cancelled drains no more.
  const cancelled = new AbortController();
  const onCancel = () => cancelled.abort(new Error('BuildKit ended the transfer of the context'));
  call.once('cancelled', onCancel);
  try {
    if (call.cancelled) onCancel();
    await once(call, 'drain', { signal: cancelled.signal });
  } finally {
    call.off('cancelled', onCancel);
  }
}

const path = '/moby.filesync.v1.FileSync/DiffCopy';
const stat: Fields = {
  path: field(1, 'string'),
  mode: field(2, 'uint32'),
  size: field(5, 'int64'),
  modTime: field(6, 'int64'),
  linkname: field(7, 'string'),
};
const packet = messageType(
  'Packet',
  {
    type: field(1, 'uint32'),
    stat: field(2, 'Stat'),
    ID: field(3, 'uint32'),
    data: field(4, 'bytes'),
  },
  { Stat: stat },
);
