import type { EngineLine } from '../engine/plain-progress.ts';
import type { TestRun } from './test-run.ts';

/** As many as a failed instruction of a Dockerfile shows. */
const most = 20;

/** Hands lines on and keeps the last ones for the check of a failed test. */
export function keepLastLines(onLine: TestRun['onLine']): {
  onLine: TestRun['onLine'];
  lastLines: () => string[];
} {
  const last: string[] = [];
  return {
    onLine: (line: EngineLine) => {
      last.push(line.text);
      if (last.length > most) last.shift();
      return onLine(line);
    },
    lastLines: () => last,
  };
}
