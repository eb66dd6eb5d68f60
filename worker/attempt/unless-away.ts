import { Stop } from './stop.ts';

/**
 * Waits for work in the Engine, but no longer than until the attempt is ended because the Engine says
 * nothing: then throws that reason. The work goes on by itself once the Engine wakes up, and tidies up.
 */
export async function unlessAway<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const away = new Promise<never>((_resolve, reject) => {
    const look = () => isAway(signal.reason) && reject(signal.reason);
    signal.addEventListener('abort', look, { signal: done.signal });
    look();
  });
  // Whoever ended the wait is told of one failure only.
  for (const one of [work, away]) one.catch(() => {});
  try {
    return await Promise.race([away, work]);
  } finally {
    done.abort();
  }
}

const isAway = (reason: unknown): boolean =>
  reason instanceof Stop && reason.kind === 'engine away';
