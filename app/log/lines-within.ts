import type { LogEvent } from '../../queue/read-log.ts';

/** Which lines of a log are wanted: those after `after`, up to `until` if there is one. */
export type LineRange = { after: number; until: number | null };

/** The events of a log that concern lines up to the range's end, and no more once it is reached. */
export async function* linesWithin(
  events: AsyncIterable<LogEvent>,
  { until }: LineRange,
): AsyncGenerator<LogEvent> {
  for await (const event of events) {
    if (until === null || 'build' in event) {
      yield event;
    } else if ('gap' in event) {
      if (event.gap.first <= until)
        yield { gap: { ...event.gap, last: Math.min(event.gap.last, until) } };
      if (event.gap.last >= until) return;
    } else {
      yield { lines: event.lines.filter(({ n }) => n <= until) };
      if (event.lines.at(-1)!.n >= until) return;
    }
  }
}
