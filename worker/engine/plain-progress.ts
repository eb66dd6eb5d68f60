import type { Mask } from '../log/mask.ts';
import type { BuildTrace, Vertex, VertexStatus } from './build-trace.ts';
import { addOutput, emptyOutput, endOutput, type OutputLines } from './output-lines.ts';

/** One line of a build's or push's log, without a line end. */
export type EngineLine = { stream: 'status' | 'stdout' | 'stderr'; text: string };

/** What the log of a running build has to remember; see {@link progressLines}. */
export type Progress = { shown: Map<string, Shown>; started: number; mask: Mask };

/** A vertex as the log has shown it so far. */
export type Shown = {
  vertex: Vertex;
  /** Counts vertexes from 1 in the order in which they first started; 0 before that. */
  number: number;
  ended: boolean;
  outputs: Map<'stdout' | 'stderr', OutputLines>;
  lastLogAt: number | null;
  /** The last lines of output, without prefix. */
  tail: string[];
  /** Per transfer: when a line about it was last shown, in the trace's time. */
  transfers: Map<string, number>;
};

/** How many lines of a vertex's output are kept for the report of its failure. */
const tailLength = 20;

/** A running transfer is mentioned this often, in milliseconds. */
const transferEvery = 5000;

/** A longer name (a heredoc, a generated RUN) is cut in the log, in UTF-16 units. */
const longestName = 2000;

/** The log of a build that has not begun, in which the mask's secrets may be. */
export const emptyProgress = (mask: Mask): Progress => ({ shown: new Map(), started: 0, mask });

/**
 * The lines that `docker build --progress=plain` prints for one trace event, in its order:
 * `#5 [2/3] RUN npm ci`, `#5 0.312 output`, `#5 CACHED`, `#5 DONE 1.2s`, `#5 ERROR: …`. Unlike
 * docker's they are whole lines: output without a newline waits for one or for its vertex's end.
 */
export function* progressLines(progress: Progress, trace: BuildTrace): Generator<EngineLine> {
  for (const vertex of trace.vertexes) {
    const shown = remember(progress, vertex);
    if (vertex.started !== null || vertex.cached) yield* heading(progress, shown);
  }
  for (const status of trace.statuses) {
    const shown = progress.shown.get(status.vertex);
    if (shown) yield* transfer(progress, shown, status);
  }
  for (const log of trace.logs) {
    const shown = progress.shown.get(log.vertex);
    if (!shown) continue;
    yield* heading(progress, shown);
    const stream = log.stream === 2 ? 'stderr' : 'stdout';
    const output = shown.outputs.get(stream) ?? emptyOutput(progress.mask);
    shown.outputs.set(stream, output);
    shown.lastLogAt = log.timestamp;
    for (const text of addOutput(output, log.bytes)) yield outputLine(shown, stream, text);
  }
  for (const warning of trace.warnings) {
    const number = progress.shown.get(warning.vertex)?.number || 1;
    const where = warning.line ? ` (line ${warning.line})` : '';
    yield status(`#${number} WARN: ${oneLine(warning.text)}${where}`);
  }
  for (const { digest, completed } of trace.vertexes) {
    const shown = progress.shown.get(digest)!;
    if (completed !== null && !shown.ended) yield* ending(shown);
  }
}

/**
 * How many of the Dockerfile's instructions were looked at, and how many of them were cached. FROM
 * does not count: of a base image that is there already BuildKit says now this and now that.
 */
export function cacheHits(progress: Progress): { cached: number; total: number } {
  const instructions = [...progress.shown.values()].filter(
    ({ number, vertex }) =>
      number > 0 && isInstruction(vertex.name) && !/^\[[^\]]*\] FROM /.test(vertex.name),
  );
  return {
    cached: instructions.filter(({ vertex }) => vertex.cached).length,
    total: instructions.length,
  };
}

/**
 * Whether a vertex stands for an instruction of the Dockerfile: `[build 2/3] RUN …`. Every repeat has
 * a bound: whoever writes the Dockerfile writes the name, and has it tried at each of its digits.
 */
export const isInstruction = (name: string): boolean =>
  /^\[[^\]]{0,300}?\d{1,5}\/\d{1,5}\] /.test(name);

/** Adds a vertex, or what is new about it. One that runs again after its end starts afresh. */
function remember(progress: Progress, vertex: Vertex): Shown {
  const shown = progress.shown.get(vertex.digest);
  if (!shown) {
    const fresh = { vertex, number: 0, ended: false, outputs: new Map(), lastLogAt: null };
    const added: Shown = { ...fresh, tail: [], transfers: new Map() };
    progress.shown.set(vertex.digest, added);
    return added;
  }
  shown.vertex = { ...vertex, cached: vertex.cached || shown.vertex.cached };
  if (vertex.completed === null) shown.ended = false;
  return shown;
}

function* heading(progress: Progress, shown: Shown): Generator<EngineLine> {
  if (shown.number > 0) return;
  progress.started += 1;
  shown.number = progress.started;
  yield status(`#${shown.number} ${oneLine(shown.vertex.name)}`);
}

function* ending(shown: Shown): Generator<EngineLine> {
  for (const [stream, output] of shown.outputs)
    for (const text of endOutput(output)) yield outputLine(shown, stream, text);
  shown.ended = true;
  shown.outputs.clear();
  const { vertex } = shown;
  if (vertex.error === '') shown.tail = [];
  yield status(`#${shown.number} ${endingWord(vertex)}`);
}

function endingWord(vertex: Vertex): string {
  if (/\bcontext canceled$/.test(vertex.error)) return 'CANCELED';
  if (vertex.error !== '') return `ERROR: ${oneLine(vertex.error)}`;
  if (vertex.cached) return 'CACHED';
  return `DONE ${(((vertex.completed ?? 0) - (vertex.started ?? 0)) / 1000).toFixed(1)}s`;
}

function outputLine(shown: Shown, stream: 'stdout' | 'stderr', text: string): EngineLine {
  shown.tail.push(text);
  if (shown.tail.length > tailLength) shown.tail.shift();
  const seconds = Math.max(0, (shown.lastLogAt ?? 0) - (shown.vertex.started ?? 0)) / 1000;
  return { stream, text: `#${shown.number} ${seconds.toFixed(3)} ${text}`.trimEnd() };
}

/** A transfer's line at its end, and every few seconds while it lasts. */
function* transfer(progress: Progress, shown: Shown, now: VertexStatus): Generator<EngineLine> {
  const at = now.timestamp ?? 0;
  const last = shown.transfers.get(now.id) ?? now.started ?? at;
  const isDone = now.completed !== null;
  if (last === Number.POSITIVE_INFINITY || (!isDone && at - last < transferEvery)) return;
  shown.transfers.set(now.id, isDone ? Number.POSITIVE_INFINITY : at);
  yield* heading(progress, shown);
  const size = now.total > 0 ? `${bytes(now.current)} / ${bytes(now.total)}` : bytes(now.current);
  const parts = [
    oneLine(now.id),
    now.current > 0 || now.total > 0 ? size : '',
    isDone ? 'done' : '',
  ];
  yield status(`#${shown.number} ${parts.filter(Boolean).join(' ')}`);
}

const status = (text: string): EngineLine => ({ stream: 'status', text });

/** A name as one line; the text comes from the Dockerfile and can hold anything. */
function oneLine(text: string): string {
  const flat = text
    .slice(0, longestName)
    .replace(/[\r\n]+/g, ' ')
    .trim();
  return text.length > longestName ? `${flat}…` : flat;
}

/** Bytes as docker writes them: powers of a thousand. */
function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), units.length - 1);
  const value = count / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(2)}${units[power]}`;
}
