/** Lines that a reader of a log does not get, as one line for people; `url` is the whole log's. */
export function gapText(gap: { first: number; last: number; why: string }, url: string): string {
  const count = gap.last - gap.first + 1;
  const lines = count === 1 ? '1 line is' : `${count} lines are`;
  const why =
    gap.why === 'slow'
      ? `this reader was too slow; the whole log is at ${url}`
      : 'the log had reached its limit (LOG_LIMIT)';
  return `… ${lines} left out here: ${why}`;
}
