import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { RegistryAuth } from '../registry/registry-auth.ts';
import { PushInterrupted, PushRefused } from './push-errors.ts';
import { type PushRequest, pushImage } from './push-image.ts';

/** A push, and for how long to insist on it. */
export type StubbornPush = Omit<PushRequest, 'auth'> & {
  /** Called before every try, since credentials can expire between two. */
  credentials: () => Promise<RegistryAuth>;
  /** No new try begins later than this after the first, in milliseconds; default ten minutes. */
  giveUpAfter?: number;
  /** The first pause in milliseconds, doubled after each try up to 30 s; default one second. */
  firstPause?: number;
};

const longestPause = 30_000;

/**
 * Pushes until the registry takes the image, it refuses for good, or the time is up; then throws
 * what the last try threw. Refused credentials are read and tried once more: tokens expire. Throws
 * the signal's reason when that was aborted, and what `credentials` throws.
 */
export async function pushWithRetries(
  docker: Docker,
  { credentials, giveUpAfter = 600_000, firstPause = 1000, ...push }: StubbornPush,
): Promise<{ digest: string }> {
  const lastStart = Date.now() + giveUpAfter;
  let refusals = 0;
  for (let tries = 0; ; tries += 1) {
    try {
      return await pushImage(docker, { ...push, auth: await credentials() });
    } catch (error) {
      if (error instanceof PushRefused && error.unauthorized) refusals += 1;
      const isWorthAnother =
        error instanceof PushInterrupted ||
        (error instanceof PushRefused && error.unauthorized && refusals === 1);
      const pause = pauseAfter(tries, firstPause);
      if (!isWorthAnother || Date.now() + pause > lastStart) throw error;
      const seconds = Number((pause / 1000).toFixed(pause < 1000 ? 1 : 0));
      const text = `The registry did not take the push (${error.message}); trying again in ${seconds} s`;
      await push.onLine({ stream: 'status', text });
      await interruptibleSleep(pause, push.signal);
    }
  }
}

/** Doubles with every try; up to a quarter less, so that many workers do not come back at once. */
function pauseAfter(tries: number, firstPause: number): number {
  const full = Math.min(firstPause * 2 ** tries, longestPause);
  return full * (1 - Math.random() / 4);
}

async function interruptibleSleep(pause: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(pause, undefined, { signal });
  } catch {
    // Only an abort ends a pause early, and what was aborted with is what counts.
    throw signal.reason;
  }
}
