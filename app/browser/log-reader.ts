import { gapText } from './gap-text.ts';
import type { LineData } from './log-shape.ts';
import type { LogView } from './log-view.ts';

/** Lines that are left out, as a `gap` event has them. */
export type GapData = { first: number; last: number; why: string };

/** What puts each line of a build onto its page once, however often it comes. */
export type LogReader = ReturnType<typeof createLogReader>;

/** A reader that has the lines up to `last`. */
export function createLogReader(id: string, view: LogView, last: number) {
  let seen = last;
  return {
    seen: (): number => seen,
    line(line: LineData & { n: number }): void {
      if (line.n <= seen) return;
      seen = line.n;
      view.append(line);
    },
    gap(gap: GapData): void {
      if (gap.last <= seen) return;
      seen = gap.last;
      const range = `after=${gap.first - 1}&until=${gap.last}`;
      const text = gapText(gap, `${location.origin}/api/builds/${id}/log?${range}`);
      const step = view.rows.at(-1)?.data.step ?? 'build';
      view.append({ n: null, step, stream: 'status', text });
    },
  };
}
