import { sizeInWords } from '../../queue/text.ts';
import { BuildFailed } from '../engine/build-errors.ts';
import type { BuildContext, ContextEntry } from './context.ts';

/** So many of the largest files are named when a context is too large. */
const named = 3;

/**
 * Refuses a context whose files are together larger than `limit` bytes: throws BuildFailed with the
 * largest of them, which often belong into `.dockerignore`.
 */
export function checkContextSize({ entries }: BuildContext, limit: number): void {
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total <= limit) return;
  const largest = [...entries].sort((a, b) => b.size - a.size).slice(0, named);
  throw new BuildFailed(
    `The build context is ${sizeInWords(total)}, and at most ${sizeInWords(limit)} are taken (CONTEXT_LIMIT): name what the image does not need in .dockerignore. The largest files are ${largest.map(withSize).join(', ')}.`,
  );
}

const withSize = ({ name, size }: ContextEntry): string => `${name} (${sizeInWords(size)})`;
