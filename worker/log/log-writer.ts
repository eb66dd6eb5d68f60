import type { StepName } from '../../queue/build.ts';
import { type Cut, fitting, storedSize, type UnnumberedLine } from '../../queue/live-log.ts';
import { createLogTail } from './log-tail.ts';

/** The log of one attempt while it is written. */
export type LogWriter = {
  /** Adds a line; a promise it returns asks the caller to wait, as Redis is slower. */
  write(step: StepName, stream: UnnumberedLine['stream'], text: string): void | Promise<void>;
  /** Writes what is left; later lines are dropped. */
  close(): Promise<void>;
};

/** Sends lines to Redis. Answers the number of the last one, or null once nobody wants them. */
export type Send = (lines: UnnumberedLine[], cut: Cut) => Promise<number | null>;

/**
 * Milliseconds that lines are gathered before they are sent, so that Redis gets fewer, larger steps;
 * and once more is printed than is kept, since most of it is then never sent.
 */
const gather = { calm: 100, flooded: 1_000 };

/** Bytes waiting to be sent above which writers of a log's beginning are asked to wait. */
const crowded = 256 * 1024;

/**
 * Writes an attempt's log with bounded memory, here and in Redis. `limit` is the bytes it takes in
 * Redis: three quarters are its beginning, then a line says so, and of all that follows the newest
 * lines are kept, so that the log can be followed on and a killed worker loses a second of it. `send`
 * may fail; the failure comes out of the next `write` or `close`.
 */
export function createLogWriter(
  send: Send,
  hide: (text: string) => string,
  limit: number,
): LogWriter {
  const tail = createLogTail(limit * 0.25);
  let room = limit * 0.75;
  let head: UnnumberedLine[] = [];
  let waiting = 0;
  let sending: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let failure: Error | undefined;
  let isWanted = true;
  let isClosed = false;

  /** Sends what there is, or waits for what is being sent. */
  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    sending ??= sendAll()
      .catch((error: Error) => {
        failure = error;
      })
      .finally(() => {
        sending = null;
        if (isWanted && !failure && !isEmpty()) plan();
      });
    return sending;
  }

  async function sendAll(): Promise<void> {
    const lines = head;
    head = [];
    waiting = 0;
    for (let start = 0; isWanted && start < lines.length; ) {
      const some = lines.slice(start, start + fitting(lines.slice(start, start + 500)));
      start += some.length;
      await sendSome(some, { skipped: 0, removed: null, bytes: 0 });
    }
    for (let left = tail.count(); isWanted && left > 0; ) {
      const some = tail.take();
      left -= some.lines.length;
      const last = await sendSome(some.lines, some.cut);
      if (last !== null) tail.sent(some, last);
    }
  }

  async function sendSome(lines: UnnumberedLine[], cut: Cut): Promise<number | null> {
    const hidden = lines.map((line) => ({ ...line, text: hide(line.text) }));
    const last = await send(hidden, cut);
    isWanted = last !== null;
    return last;
  }

  const isEmpty = () => head.length === 0 && tail.count() === 0;

  function plan(): void {
    if (sending || isClosed) return;
    timer ??= setTimeout(flush, tail.isFlooded() ? gather.flooded : gather.calm);
  }

  function begin(line: UnnumberedLine, size: number): void | Promise<void> {
    head.push(line);
    waiting += size;
    plan();
    return waiting > crowded ? flush() : undefined;
  }

  return {
    write(step, stream, text) {
      if (isClosed || !isWanted) return;
      if (failure) throw failure;
      const line = { at: Date.now(), step, stream, text };
      const size = storedSize(line);
      if (room >= size) {
        room -= size;
        return begin(line, size);
      }
      if (room > 0) {
        room = 0;
        const said =
          '… This log has reached its limit (LOG_LIMIT): from here on only its newest lines are kept.';
        begin({ ...line, stream: 'status', text: said }, size);
      }
      tail.add(line, size);
      plan();
    },
    async close() {
      isClosed = true;
      while (isWanted && !failure && (sending || !isEmpty())) await flush();
      clearTimeout(timer);
      if (failure) throw failure;
    },
  };
}
