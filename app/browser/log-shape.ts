/** The lines of a log lie in boxes of so many, which a browser need not lay out before it shows them. */
export const linesInChunk = 200;

/** What the script needs of a line, as a `log` event has it. */
export type LineData = { n: number | null; step: string; stream: string; text: string };

/** What kind of line it is, for the style: BuildKit says what it begins, and what went wrong. */
export function kindOf({ n, stream, text }: Omit<LineData, 'step'>): string {
  if (n === null) return 'gap';
  if (stream !== 'status') return 'output';
  if (/^#\d+ \[/.test(text)) return 'heading';
  return /^#\d+ ERROR/.test(text) ? 'error' : 'status';
}
