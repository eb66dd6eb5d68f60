import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { RegistryAuth } from '../registry/registry-auth.ts';
import { PushInterrupted, PushRefused } from './push-errors.ts';
import { type PushRequest, pushImage } from './push-image.ts';

/** A push, and for how long to insist on it. */
export type StubbornPush = Omit<PushRequest, 'auth'> & {
  /** Called before every try, since credentials can expire between two. */
  credentials: () => Promise<RegistryAuth>;
  /** Called after a push that went well; throws PushInterrupted when the registry shows otherwise. */
  confirm: (digest: string, signal: AbortSignal) => Promise<void>;
  /** Called after an interrupted push: how long the registry asks to wait, in milliseconds. */
  askedPause: (signal: AbortSignal) => Promise<number | null>;
  /** No new try begins later than this after the first, in milliseconds; default ten minutes. */
  giveUpAfter?: number;
  /** The first pause in milliseconds, doubled after each try up to 30 s; default one second. */
  firstPause?: number;
};

const longestPause = 30_000;

/**
 * Pushes until the registry takes the image, it refuses for good, or the time is up; then throws
 * what the last try threw. Refused credentials are read and tried once more: tokens expire. Throws
 * the signal's reason when that was aborted, and what `confirm` and `askedPause` throw.
 */
export async function pushWithRetries(
  docker: Docker,
  request: StubbornPush,
): Promise<{ digest: string }> {
  const { credentials, confirm, askedPause, ...rest } = request;
  const { giveUpAfter = 600_000, firstPause = 1000, ...push } = rest;
  const lastStart = Date.now() + giveUpAfter;
  let refusals = 0;
  for (let tries = 0; ; tries += 1) {
    try {
      const auth = await credentials().catch(unreadable);
      const pushed = await pushImage(docker, { ...push, auth });
      await confirm(pushed.digest, push.signal);
      return pushed;
    } catch (error) {
      if (error instanceof PushRefused && error.unauthorized) refusals += 1;
      const isWorthAnother =
        error instanceof PushInterrupted ||
        (error instanceof PushRefused && error.unauthorized && refusals === 1);
      if (!isWorthAnother) throw error;
      const asked = error instanceof PushInterrupted ? await askedPause(push.signal) : null;
      const left = lastStart - Date.now();
      const ownPause = pauseAfter(tries, firstPause);
      if (ownPause > left) throw error;
      // Up to a quarter more than asked for, and a last try rather than none.
      const pause = Math.max(ownPause, Math.min((asked ?? 0) * (1 + Math.random() / 4), left));
      const why = asked === null ? '' : ` (the registry asks for ${inSeconds(asked)})`;
      const text = `The registry did not take the push (${error.message}); trying again in ${inSeconds(pause)}${why}`;
      await push.onLine({ stream: 'status', text });
      await interruptibleSleep(pause, push.signal);
    }
  }
}

/** Somebody may be writing the file anew at this moment. */
function unreadable(cause: Error): never {
  throw new PushInterrupted(cause.message, { cause });
}

/** Doubles with every try; up to a quarter less, so that many workers do not come back at once. */
function pauseAfter(tries: number, firstPause: number): number {
  const full = Math.min(firstPause * 2 ** tries, longestPause);
  return full * (1 - Math.random() / 4);
}

const inSeconds = (ms: number): string => `${Number((ms / 1000).toFixed(ms < 1000 ? 1 : 0))} s`;

async function interruptibleSleep(pause: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(pause, undefined, { signal });
  } catch {
    // Only an abort ends a pause early, and what was aborted with is what counts.
    throw signal.reason;
  }
}
