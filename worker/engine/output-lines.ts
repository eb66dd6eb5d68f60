import { StringDecoder } from 'node:string_decoder';
import type { Mask } from '../log/mask.ts';

/** The longest piece of output handed on as one line, in bytes of UTF-8. */
export const longestLine = 16 * 1024;

/** What one command printed on one stream and has not ended with a newline yet. */
export type OutputLines = {
  decoder: StringDecoder;
  pending: string;
  mask: Mask;
  /** Only to measure with; a new one for each long line would fill the memory faster than it is freed. */
  scratch: Uint8Array;
};

/** The start of a stream of output, in which the mask's secrets may be. */
export const emptyOutput = (mask: Mask): OutputLines => ({
  decoder: new StringDecoder('utf8'),
  pending: '',
  mask,
  scratch: new Uint8Array(longestLine),
});

/**
 * Adds bytes that were cut anywhere and returns the lines they complete, without line ends. Of a
 * line that overwrote itself with carriage returns only the last state is kept. What grows beyond
 * {@link longestLine} comes in pieces, never cut inside a character or a secret, which could not be
 * found in either piece.
 */
export function addOutput(output: OutputLines, bytes: Buffer): string[] {
  const lines = (output.pending + output.decoder.write(bytes)).split('\n');
  output.pending = lastState(lines.pop()!);
  const done: string[] = [];
  for (const line of lines) {
    const text = withoutReturn(lastState(line));
    // A flood of short lines is the case that has to be fast.
    if (isShort(text)) done.push(text);
    else done.push(...pieces(output, text, 0));
  }
  // A secret may have come in part.
  const some = pieces(output, output.pending, output.mask.reach());
  output.pending = some.pop()!;
  done.push(...some);
  return done;
}

/** Whether a text is short enough whatever its characters take. */
const isShort = (text: string): boolean => text.length * 3 <= longestLine;

/** The last line, when the command ended without a newline; empty when there is none. */
export function endOutput(output: OutputLines): string[] {
  const line = withoutReturn(lastState(output.pending + output.decoder.end()));
  output.pending = '';
  return line === '' ? [] : pieces(output, line, 0);
}

/**
 * The text after the last carriage return. Those at the end count as one, and stay: what comes next
 * may overwrite the text or be its newline.
 */
function lastState(line: string): string {
  if (!line.includes('\r')) return line;
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  const start = line.lastIndexOf('\r', end - 1) + 1;
  return line.slice(start, end) + (end < line.length ? '\r' : '');
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

const encoder = new TextEncoder();

/**
 * `text` in pieces of at most {@link longestLine} bytes, of which the last may be longer by `kept`
 * characters; at least one, the last perhaps empty.
 */
function pieces({ mask, scratch }: OutputLines, text: string, kept: number): string[] {
  if (isShort(text)) return [text];
  const found: string[] = [];
  let rest = text;
  for (;;) {
    // encodeInto stops before a character that does not fit whole.
    const { read } = encoder.encodeInto(rest, scratch);
    if (rest.length - read <= kept) return [...found, rest];
    const end = mask.placeToCut(rest, read);
    found.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
}
