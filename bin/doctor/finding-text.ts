import type { Finding } from '../../queue/finding.ts';

/** Signs that differ in shape, since not every terminal has colours. */
const signs: Record<Finding['state'], string> = { good: '✓', warning: '!', wrong: '✗', none: '–' };

/** A finding as lines for a terminal; what it found elsewhere loses its control characters. */
export function findingText({ name, state, says, todo }: Finding): string {
  const lines = [`${signs[state]} ${name}: ${says}`, ...(todo === null ? [] : [`  → ${todo}`])];
  return lines.map((line) => line.replace(/\p{Cc}+/gu, ' ')).join('\n');
}
