import type { StepName } from '../../queue/build.ts';
import type { UnnumberedLine } from '../../queue/live-log.ts';

/** The log of one attempt while it is written. */
export type LogWriter = {
  /** Adds a line; a promise it returns asks the caller to wait, as Redis is slower. */
  write(step: StepName, stream: UnnumberedLine['stream'], text: string): void | Promise<void>;
  /** Writes what is left, with the end of a log that was cut; later lines are dropped. */
  close(): Promise<void>;
};

/** Milliseconds that lines are gathered before they are sent, so that Redis gets fewer, larger steps. */
const gather = 100;

/** Lines waiting to be sent above which writers are asked to wait. */
const crowded = 2_000;

/**
 * Writes an attempt's log with bounded memory and a bounded size in bytes: three quarters of
 * `limit` from its beginning, then a line that says what is left out, then the rest from its end.
 * `append` sends lines and may fail; the failure comes out of the next `write` or `close`.
 */
export function createLogWriter(
  append: (lines: UnnumberedLine[]) => Promise<unknown>,
  mask: (text: string) => string,
  limit: number,
): LogWriter {
  const headLimit = limit * 0.75;
  let written = 0;
  let pending: UnnumberedLine[] = [];
  const tail = createTail(limit - headLimit);
  let sending: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let failure: Error | undefined;
  let closed = false;

  function flush(): Promise<unknown> {
    clearTimeout(timer);
    timer = undefined;
    const lines = pending;
    pending = [];
    if (lines.length > 0) {
      sending = sending
        .then(() => append(lines))
        .catch((error: Error) => {
          failure = error;
        });
    }
    return sending;
  }

  return {
    write(step, stream, text) {
      if (closed) return;
      const line = { at: Date.now(), step, stream, text: mask(text) };
      const size = Buffer.byteLength(line.text) + 1;
      written += size;
      if (written > headLimit) return tail.add(line, size);
      pending.push(line);
      timer ??= setTimeout(flush, gather);
      if (failure) throw failure;
      return pending.length > crowded ? flush().then(() => {}) : undefined;
    },
    async close() {
      if (closed) return;
      closed = true;
      pending.push(...tail.end(limit));
      await flush();
      if (failure) throw failure;
    },
  };
}

/** The last lines of at most `room` bytes, and how many came before them. */
function createTail(room: number) {
  let kept: { line: UnnumberedLine; size: number }[] = [];
  let size = 0;
  let first = 0;
  let dropped = 0;
  return {
    add(line: UnnumberedLine, bytes: number): void {
      kept.push({ line, size: bytes });
      size += bytes;
      while (size > room && first < kept.length - 1) size -= kept[first++]?.size ?? 0;
      if (first > 10_000 && first > kept.length / 2) {
        dropped += first;
        kept = kept.slice(first);
        first = 0;
      }
    },
    end(limit: number): UnnumberedLine[] {
      const lines = kept.slice(first).map(({ line }) => line);
      const left = dropped + first;
      const next = lines[0];
      if (left === 0 || !next) return lines;
      const text = `… ${left} lines are left out here: a log holds at most ${limit} bytes (LOG_LIMIT).`;
      return [{ ...next, stream: 'status', text }, ...lines];
    },
  };
}
