import { StringDecoder } from 'node:string_decoder';

/**
 * The longest event the Engine is believed, in characters: its own are below 2 MiB, and a peer that
 * never ends a line must not fill this process's memory.
 */
const longestEvent = 32 * 1024 * 1024;

/**
 * The JSON objects of a stream that holds one per line, as the Engine's progress streams do.
 * Throws when a line is not JSON, and whatever the stream itself throws when it is cut.
 */
export async function* jsonLines(stream: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const decoder = new StringDecoder('utf8');
  let pieces: string[] = [];
  let held = 0;
  for await (const chunk of stream) {
    const lines = decoder.write(chunk).split('\n');
    const rest = lines.pop()!;
    for (const line of lines) {
      pieces.push(line);
      yield* parsed(pieces.join(''));
      pieces = [];
      held = 0;
    }
    pieces.push(rest);
    held += rest.length;
    if (held > longestEvent) throw new Error('The Engine sent an event without an end');
  }
  pieces.push(decoder.end());
  yield* parsed(pieces.join(''));
}

function* parsed(line: string): Generator<unknown> {
  if (line.trim() !== '') yield JSON.parse(line);
}
