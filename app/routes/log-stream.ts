import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import { hasEnded, type LogLine } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { readLog } from '../../queue/read-log.ts';
import type { WebDeps } from '../web-deps.ts';
import { buildJson } from './build-json.ts';

/** Proxies close connections on which nothing comes; a comment this often keeps them open. */
const heartbeat = 15_000;

/** The log as plain text, so far or, with `follow`, until the build has ended. */
export function streamLog(c: Context, deps: WebDeps, { id }: StoredBuild, follow: boolean) {
  c.header('content-type', 'text/plain; charset=utf-8');
  c.header('cache-control', 'no-store');
  c.header('x-accel-buffering', 'no');
  return stream(
    c,
    async (out) => {
      const gone = goneSignal(deps, out);
      for await (const event of readLog(deps.store, deps.archive, id, { follow, signal: gone })) {
        if ('lines' in event) await out.write(event.lines.map(({ text }) => `${text}\n`).join(''));
      }
    },
    logFailure(deps, id),
  );
}

/**
 * The log and the record as server-sent events: `log` for each line, whose number is the event's
 * id, and `state` for the record. A reader that says `Last-Event-ID` misses and repeats nothing;
 * one that has seen the record's end, whose id is `end-<n>`, is told by 204 not to come back
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model).
 */
export function streamEvents(c: Context, deps: WebDeps, build: StoredBuild): Response {
  const lastId = c.req.header('last-event-id') ?? c.req.query('after');
  const [, end, line] = /^(end-)?(\d{1,15})$/.exec(lastId ?? '') ?? [];
  const after = Number(line ?? 0);
  if (end && hasEnded(build.state) && after >= build.lines) return c.body(null, 204);
  c.header('content-type', 'text/event-stream; charset=utf-8');
  c.header('cache-control', 'no-store');
  c.header('x-accel-buffering', 'no');
  return stream(
    c,
    async (out) => {
      const gone = goneSignal(deps, out);
      const beat = setInterval(() => void out.write(': still here\n\n'), heartbeat);
      try {
        const events = readLog(deps.store, deps.archive, build.id, {
          after,
          follow: true,
          signal: gone,
        });
        for await (const event of events) {
          await out.write(
            'lines' in event ? event.lines.map(logEvent).join('') : stateEvent(event.build),
          );
        }
      } finally {
        clearInterval(beat);
      }
    },
    logFailure(deps, build.id),
  );
}

const logEvent = (line: LogLine): string =>
  `event: log\nid: ${line.n}\ndata: ${JSON.stringify(line)}\n\n`;

const stateEvent = (build: StoredBuild): string => {
  const id = hasEnded(build.state) ? `id: end-${build.lines}\n` : '';
  return `event: state\n${id}data: ${JSON.stringify(buildJson(build))}\n\n`;
};

/** Fires when the reader has left or the process stops. */
function goneSignal({ stopping }: WebDeps, out: { onAbort(listener: () => void): void }) {
  const left = new AbortController();
  out.onAbort(() => left.abort());
  return AbortSignal.any([left.signal, stopping]);
}

const logFailure =
  ({ log }: WebDeps, id: string) =>
  async (error: Error) => {
    log.warn({ err: error, build: id }, 'A log could not be read to its end');
  };
