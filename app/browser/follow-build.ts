import type { LogReader } from './log-reader.ts';

/** A build's record as a `state` event has it, as far as the page needs it. */
export type BuildRecord = {
  state: string;
  repo: string;
  name: string;
  sha: string;
  step: string | null;
  reason: string | null;
  failure: { step: string } | null;
  attempt: number;
  startedAt: string | null;
  finishedAt: string | null;
};

/** Who is told of the record, and that nothing more will come. */
export type Follower = {
  onRecord: (record: BuildRecord) => void;
  onEnd: (record: BuildRecord) => void;
};

/** After an answer that is no stream, e.g. a proxy's 502, in milliseconds. */
const pause = 3_000;

/** Keeps the page as the build is: goes on where the reader is, after each loss of connection too. */
export function followBuild(id: string, reader: LogReader, follower: Follower): void {
  const events = new EventSource(`/api/builds/${id}/events?after=${reader.seen()}`);
  events.addEventListener('log', (event) => reader.line(JSON.parse(event.data)));
  events.addEventListener('gap', (event) => reader.gap(JSON.parse(event.data)));
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
      setTimeout(() => followBuild(id, reader, follower), pause);
    }
  });
}
