import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What becomes of the lines that a child prints. */
export type LineOptions = {
  /** Where all of them are kept, from its start on; nowhere when left out. */
  logFile?: string;
  /** Lines that are of no use to anybody but in that file. */
  noise?: RegExp;
  onLine?: (line: string) => void;
};

/** So many lines are kept for messages. */
const keptLines = 20;

/** Reads what a child prints; answers the last lines of it, which go on changing. */
export const collectLines = (
  child: ChildProcess,
  { logFile, noise, onLine }: LineOptions,
): string[] => {
  const lines: string[] = [];
  const log = logFile === undefined ? null : createWriteStream(logFile, { mode: 0o600 });
  // A full disk costs the log, and not what runs.
  log?.on('error', () => {});
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream! }).on('line', (line) => {
      log?.write(`${line}\n`);
      if (noise?.test(line)) return;
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      onLine?.(line);
    });
  }
  return lines;
};
