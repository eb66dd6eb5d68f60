import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import { hasEnded, type LogLine } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { type Gap, type LogEvent, readLog } from '../../queue/read-log.ts';
import { gapText } from '../browser/gap-text.ts';
import { followLog } from '../log/follow-log.ts';
import { type LineRange, linesWithin } from '../log/lines-within.ts';
import type { WebDeps } from '../web-deps.ts';
import { buildJson } from './build-json.ts';
import type { WebEnv } from './caller.ts';
import { whileReadable } from './while-readable.ts';

/** Proxies close connections on which nothing comes; a comment this often keeps them open. */
const heartbeat = 15_000;

/** The log as plain text, or a part of it: so far or, with `follow`, until the build has ended. */
export function streamLog(
  c: Context<WebEnv>,
  deps: WebDeps,
  build: StoredBuild,
  { follow, ...range }: LineRange & { follow: boolean },
) {
  c.header('content-type', 'text/plain; charset=utf-8');
  return streamTo(c, deps, build, async (write, gone) => {
    const { id } = build;
    const url = `${deps.publicUrl}/api/builds/${id}/log`;
    const all = follow
      ? followLog(deps, id, range.after, gone)
      : readLog(deps.store, deps.archive, id, range.after);
    for await (const event of linesWithin(all, range)) {
      if (gone.aborted) return;
      if ('lines' in event) await write(event.lines.map(({ text }) => `${text}\n`).join(''));
      if ('gap' in event) await write(`${gapText(event.gap, url)}\n`);
      noteGap(deps, event);
    }
  });
}

/**
 * The log and the record as server-sent events: `log` for each line, whose number is the event's
 * id, `gap` for lines that are left out and `state` for the record. A reader that says
 * `Last-Event-ID` misses and repeats nothing; one that has seen the record's end, whose id is
 * `end-<n>`, is told by 204 not to come back
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model).
 */
export function streamEvents(
  c: Context,
  deps: WebDeps,
  build: StoredBuild,
  lastId: string | undefined,
): Response {
  const [, end, line] = /^(end-)?(\d{1,15})$/.exec(lastId ?? '') ?? [];
  const after = Number(line ?? 0);
  if (end && hasEnded(build.state) && after >= build.lines) return c.body(null, 204);
  c.header('content-type', 'text/event-stream; charset=utf-8');
  return streamTo(c, deps, build, async (write, gone) => {
    let isWriting = false;
    // A reader that does not even take what is there needs no sign of life, and would gather them.
    const beat = setInterval(() => !isWriting && void write(': still here\n\n'), heartbeat);
    try {
      for await (const event of followLog(deps, build.id, after, gone)) {
        noteGap(deps, event);
        isWriting = true;
        await write(eventText(event));
        isWriting = false;
      }
    } finally {
      clearInterval(beat);
    }
  });
}

/** What there is of the log after a line, for our own page: a JSON object with `lines` or a `gap` a line. */
export function streamLines(c: Context<WebEnv>, deps: WebDeps, build: StoredBuild, after: number) {
  c.header('content-type', 'application/x-ndjson; charset=utf-8');
  return streamTo(c, deps, build, async (write, gone) => {
    for await (const event of readLog(deps.store, deps.archive, build.id, after)) {
      if (gone.aborted) return;
      if (!('build' in event)) await write(`${JSON.stringify(event)}\n`);
    }
  });
}

/**
 * Answers with what `send` writes, for as long as the reader may read; its `write` waits until the
 * reader has taken what was there.
 */
function streamTo(
  c: Context<WebEnv>,
  deps: WebDeps,
  build: StoredBuild,
  send: (write: (text: string) => Promise<unknown>, gone: AbortSignal) => Promise<void>,
): Response {
  const { stopping, metrics, log } = deps;
  c.header('cache-control', 'no-store');
  c.header('x-accel-buffering', 'no');
  // Nobody would read what is written for a HEAD, which then would go on for ever.
  if (c.req.method === 'HEAD') return c.body(null);
  return stream(
    c,
    async (out) => {
      const left = new AbortController();
      out.onAbort(() => left.abort());
      metrics.countReaders(1);
      try {
        await whileReadable(deps, build, c.var.tokenNow, (lost) =>
          send((text) => out.write(text), AbortSignal.any([left.signal, stopping, lost])),
        );
      } finally {
        metrics.countReaders(-1);
      }
    },
    async (error) => {
      log.warn({ err: error, build: build.id }, 'A log could not be read to its end');
    },
  );
}

function noteGap({ metrics }: WebDeps, event: LogEvent): void {
  if ('gap' in event && event.gap.why === 'slow') metrics.countGap();
}

function eventText(event: LogEvent): string {
  if ('lines' in event) return event.lines.map(logEvent).join('');
  return 'gap' in event ? gapEvent(event.gap) : stateEvent(event.build);
}

const logEvent = (line: LogLine): string =>
  `event: log\nid: ${line.n}\ndata: ${JSON.stringify(line)}\n\n`;

const gapEvent = (gap: Gap): string =>
  `event: gap\nid: ${gap.last}\ndata: ${JSON.stringify(gap)}\n\n`;

const stateEvent = (build: StoredBuild): string => {
  const id = hasEnded(build.state) ? `id: end-${build.lines}\n` : '';
  return `event: state\n${id}data: ${JSON.stringify(buildJson(build))}\n\n`;
};
