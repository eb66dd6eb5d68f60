/** The lines of a log lie in boxes of so many, which a browser need not lay out before it shows them. */
export const linesInChunk = 200;

/** What the script needs of a line, as a `log` event has it. */
export type LineData = { n: number | null; step: string; stream: string; text: string };
