import { gapText } from './gap-text.ts';
import type { LogView } from './log-view.ts';

/** A build's record as a `state` event has it, as far as the page needs it. */
export type BuildRecord = {
  [name in 'state' | 'repo' | 'name' | 'sha']: string;
} & { step: string | null; reason: string | null; attempt: number; finishedAt: string | null } & {
  failure: { step: string } | null;
};

/** Who is told of the record, and that nothing more will come. */
export type Follower = {
  onRecord: (record: BuildRecord) => void;
  onEnd: (record: BuildRecord) => void;
};

/** After an answer that is no stream, e.g. a proxy's 502, in milliseconds. */
const pause = 3_000;

/** Keeps the log as the build's is: goes on after line `last`, and after each loss of connection. */
export function followBuild(id: string, last: number, view: LogView, follower: Follower): void {
  let seen = last;
  const events = new EventSource(`/api/builds/${id}/events?after=${seen}`);
  events.addEventListener('log', (event) => {
    const line = JSON.parse(event.data);
    if (line.n <= seen) return;
    seen = line.n;
    view.append(line);
  });
  events.addEventListener('gap', (event) => {
    const gap = JSON.parse(event.data);
    if (gap.last <= seen) return;
    const range = `after=${gap.first - 1}&until=${gap.last}`;
    seen = gap.last;
    const text = gapText(gap, `${location.origin}/api/builds/${id}/log?${range}`);
    const step = view.rows.at(-1)?.data.step ?? 'build';
    view.append({ n: null, step, stream: 'status', text });
  });
  events.addEventListener('state', (event) => {
    const record: BuildRecord = JSON.parse(event.data);
    follower.onRecord(record);
    if (!record.finishedAt) return;
    events.close();
    follower.onEnd(record);
  });
  // The browser comes back by itself after a lost connection, but not after an answer like 502.
  events.addEventListener('error', () => {
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(() => followBuild(id, seen, view, follower), pause);
    }
  });
}
