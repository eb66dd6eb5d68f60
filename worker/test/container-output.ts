import type { Readable } from 'node:stream';
import { addOutput, emptyOutput, endOutput } from '../engine/output-lines.ts';
import type { EngineLine } from '../engine/plain-progress.ts';
import type { Mask } from '../log/mask.ts';

/**
 * Hands a container's output on line by line, reading no faster than `onLine`'s promises allow. The
 * Engine sends both streams as one, each part behind eight bytes: 1 or 2, then its length in the last
 * four (https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach).
 * dockerode's demuxStream would read it all into memory.
 */
export async function outputLines(
  attached: Readable,
  mask: Mask,
  onLine: (line: EngineLine) => void | Promise<void>,
): Promise<void> {
  const outputs = { stdout: emptyOutput(mask), stderr: emptyOutput(mask) };
  for await (const { stream, bytes } of framesOf(attached)) {
    for (const text of addOutput(outputs[stream], bytes)) {
      const slower = onLine({ stream, text });
      // Waiting for nothing is what a flood of lines would take most of its time for.
      if (slower) await slower;
    }
  }
  for (const stream of ['stdout', 'stderr'] as const)
    for (const text of endOutput(outputs[stream])) await onLine({ stream, text });
}

type Frame = { stream: 'stdout' | 'stderr'; bytes: Buffer };

const header = 8;

/** The parts of the output as they come, a long one in pieces. */
async function* framesOf(attached: Readable): AsyncGenerator<Frame> {
  let unread: Buffer = Buffer.alloc(0);
  let stream: Frame['stream'] = 'stdout';
  let left = 0;
  for await (const chunk of untilBroken(attached)) {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    while (left > 0 ? unread.length > 0 : unread.length >= header) {
      if (left === 0) {
        stream = unread[0] === 2 ? 'stderr' : 'stdout';
        left = unread.readUInt32BE(4);
        unread = unread.subarray(header);
        continue;
      }
      const bytes = unread.subarray(0, left);
      left -= bytes.length;
      unread = unread.subarray(bytes.length);
      yield { stream, bytes };
    }
  }
}

/** A connection that breaks ends the output; how the command ended is asked for in any case. */
async function* untilBroken(attached: Readable): AsyncGenerator<Buffer> {
  const chunks = attached[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch(() => ({ done: true, value: undefined }) as const);
    if (next.done) return;
    yield next.value as Buffer;
  }
}
