import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, type LogLine } from '../../queue/build.ts';
import { getBuild, type Store, type StoredBuild } from '../../queue/build-store.ts';
import { readLiveLines } from '../../queue/live-log.ts';

/** How long a feed waits before it looks again, in milliseconds. */
const interval = 150;

/** How much of the newest lines a feed keeps for its followers, in characters. */
const kept = 1024 * 1024;

/**
 * A build's record and the newest lines of its log, read from Redis once for all who follow it in
 * this process. It begins at the log's end: what came before is read by whoever wants it. Says
 * `change` when there is more, and when reading has failed for good; {@link LogFeed.failure} tells.
 */
export class LogFeed extends EventEmitter {
  /** The record as it was when the newest line was read; null for an unknown build. */
  build: StoredBuild | null = null;
  failure: Error | null = null;
  /** Whether the record was read at all yet. */
  hasBegun = false;
  /** The number of the newest line that was read, and of the one before the oldest that is kept. */
  newest = 0;
  before = 0;

  readonly #store: Store;
  readonly #id: string;
  readonly #closing = new AbortController();
  #pieces: LogLine[][] = [];
  #size = 0;

  constructor(store: Store, id: string) {
    super();
    this.setMaxListeners(0);
    this.#store = store;
    this.#id = id;
    void this.#run();
  }

  /**
   * What goes on after a line, as it was read in one piece: followers who are equally far are given
   * the very same array. Null if there is no more, or if it is not kept.
   */
  after(line: number): LogLine[] | null {
    if (line < this.before) return null;
    const piece = this.#pieces.find((lines) => lines.at(-1)!.n > line);
    return piece && piece[0]!.n <= line ? piece.filter(({ n }) => n > line) : (piece ?? null);
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    try {
      const build = await getBuild(this.#store, this.#id);
      this.newest = this.before = build?.lines ?? 0;
      this.build = build;
      this.hasBegun = true;
      this.emit('change');
      while (this.build && !hasEnded(this.build.state)) {
        await sleep(interval, undefined, { signal: this.#closing.signal });
        await this.#look(this.build);
      }
    } catch (error) {
      this.failure = error as Error;
      this.emit('change');
    }
  }

  async #look(known: StoredBuild): Promise<void> {
    // The record first: lines that come before its end are then in what is read after it.
    const build = await getBuild(this.#store, this.#id);
    for (;;) {
      const lines = await readLiveLines(this.#store, this.#id, this.newest, 1_000);
      if (lines.length === 0) break;
      this.#keep(lines);
      this.emit('change');
    }
    this.build = build;
    if (build?.version !== known.version) this.emit('change');
  }

  #keep(lines: LogLine[]): void {
    this.#pieces.push(lines);
    this.#size += sizeOf(lines);
    this.newest = lines.at(-1)!.n;
    while (this.#size > kept) {
      const gone = this.#pieces.shift()!;
      this.#size -= sizeOf(gone);
      this.before = gone.at(-1)!.n;
    }
  }
}

const sizeOf = (lines: LogLine[]): number => lines.reduce((sum, { text }) => sum + text.length, 0);
