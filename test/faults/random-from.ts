import { createHash } from 'node:crypto';

/** Numbers from 0 up to 1 that a seed repeats; no two seeds share them. */
export function randomFrom(seed: string): () => number {
  let drawn = 0;
  return () => {
    drawn += 1;
    const bytes = createHash('sha256').update(`${seed} ${drawn}`).digest();
    return bytes.readUInt32BE(0) / 2 ** 32;
  };
}
