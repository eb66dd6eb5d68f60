import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from './build-store.ts';
import { prolongScript, releaseScript, takeScript } from './lock-scripts.ts';

/** How long a lock outlives a holder that died, in milliseconds. */
const lease = 9_000;

/** A lock as Redis has it while it is held: a script that finds the token at the key may go on. */
export type HeldLock = { key: string; token: string };

/**
 * Runs `work` while holding a lock that only one process can hold, waiting for it as long as the
 * signal allows. `work` gets a signal that also fires when the lock was lost because Redis was
 * away for longer than the lease. `onWait` is called if the lock
 * cannot be had at once. Throws what `work` throws, or the reason of the signal.
 */
export async function withLock<T>(
  store: Store,
  name: string,
  signal: AbortSignal,
  work: (signal: AbortSignal, lock: HeldLock) => Promise<T>,
  onWait: () => void = () => {},
): Promise<T> {
  const { redis } = store;
  const key = store.keys.lock(name);
  const token = randomUUID();
  for (let waits = 0; (await redis.eval(takeScript, 1, key, token, lease)) === 0; waits += 1) {
    signal.throwIfAborted();
    if (waits === 0) onWait();
    await sleep(50);
  }
  try {
    return await whileHeld(store, { key, token }, signal, work);
  } finally {
    await redis.eval(releaseScript, 1, key, token);
  }
}

/**
 * Does `work` unless another process does it at this moment or has ended it less than `pause`
 * milliseconds ago; returns whether it was done. Throws what `work` throws; the pause follows then too.
 */
export async function inTurn(
  store: Store,
  name: string,
  pause: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const { redis } = store;
  const lock = { key: store.keys.lock(name), token: randomUUID() };
  if ((await redis.eval(takeScript, 1, lock.key, lock.token, lease)) === 0) return false;
  try {
    await whileHeld(store, lock, signal, work);
  } finally {
    await redis.eval(prolongScript, 1, lock.key, lock.token, pause);
  }
  return true;
}

async function whileHeld<T>(
  { redis }: Store,
  lock: HeldLock,
  signal: AbortSignal,
  work: (signal: AbortSignal, lock: HeldLock) => Promise<T>,
): Promise<T> {
  const { key, token } = lock;
  const lost = new AbortController();
  const renewal = setInterval(() => {
    redis.eval(prolongScript, 1, key, token, lease).then(
      (held) => held === 0 && lost.abort(new Error(`The lock ${key} was lost.`)),
      (cause) => lost.abort(new Error(`The lock ${key} could not be kept.`, { cause })),
    );
  }, lease / 3);
  try {
    return await work(AbortSignal.any([signal, lost.signal]), lock);
  } finally {
    clearInterval(renewal);
  }
}
