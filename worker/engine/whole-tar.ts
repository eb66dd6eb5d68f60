import { Transform } from 'node:stream';

/** A tar ends with two blocks of zeros. */
const trailer = 1024;

/**
 * Passes a tar on and ends with an error when the tar ends without its trailer. The Engine takes
 * such a tar, cut between two files, for a whole one and builds half a repository.
 */
export function wholeTar(): Transform {
  let zeros = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      zeros = trailingZeros(chunk, zeros);
      callback(null, chunk);
    },
    flush(callback) {
      callback(zeros < trailer ? new Error('The build context ended too early') : null);
    },
  });
}

/** How many zero bytes end the stream, counted up to the trailer's length. */
function trailingZeros(chunk: Buffer, before: number): number {
  const end = chunk.subarray(Math.max(0, chunk.length - trailer));
  let count = 0;
  while (count < end.length && end[end.length - 1 - count] === 0) count += 1;
  const isAllZeros = count === chunk.length;
  return Math.min(trailer, isAllZeros ? before + count : count);
}
