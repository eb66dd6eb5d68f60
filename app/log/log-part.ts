import type { Archive } from '../../queue/archive.ts';
import type { Store } from '../../queue/build-store.ts';
import { readLog } from '../../queue/read-log.ts';
import { gapText } from '../browser/gap-text.ts';
import type { LogPart, ShownLine } from '../pages/build-log.ts';

/** How much of a log is read, at most and about. */
export type PartLimit = { lines: number; characters: number };

/** The lines of a log from a number on, as a page shows them; `url` is where the whole log is. */
export async function readPart(
  { store, archive }: { store: Store; archive: Archive },
  id: string,
  { first, limit, url }: { first: number; limit: PartLimit; url: string },
): Promise<LogPart> {
  const lines: ShownLine[] = [];
  let last = first - 1;
  let size = 0;
  for await (const event of readLog(store, archive, id, first - 1)) {
    if ('build' in event) break;
    const some = 'gap' in event ? [gapLine(gapText(event.gap, url), lines)] : event.lines;
    for (const line of some) {
      lines.push(line);
      last = 'gap' in event ? event.gap.last : (line.n ?? last);
      size += line.text.length;
      if (lines.length >= limit.lines || size >= limit.characters) return { lines, first, last };
    }
  }
  return { lines, first, last };
}

/** Lines are left out in the middle of a step as a rule. */
const gapLine = (text: string, before: ShownLine[]): ShownLine => ({
  ...{ n: null, text, stream: 'status' },
  step: before.at(-1)?.step ?? 'build',
});
