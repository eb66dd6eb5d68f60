import type { Readable } from 'node:stream';
import { addOutput, emptyOutput, endOutput } from '../engine/output-lines.ts';
import type { Mask } from '../log/mask.ts';

/** Hands a stream on line by line, reading no faster than `onLine`'s promises allow. */
export async function outputLines(
  stream: Readable,
  mask: Mask,
  onLine: (text: string) => void | Promise<void>,
): Promise<void> {
  const output = emptyOutput(mask);
  for await (const bytes of stream) {
    for (const text of addOutput(output, bytes as Buffer)) await onLine(text);
  }
  for (const text of endOutput(output)) await onLine(text);
}
