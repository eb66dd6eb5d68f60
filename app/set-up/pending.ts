import { randomBytes } from 'node:crypto';
import type { Store } from '../../queue/build-store.ts';

/** GitHub's own codes are good for an hour, in seconds. */
const lifetime = 3_600;

/** Something nobody guesses, for a browser or a registration. */
export const unguessable = (): string => randomBytes(32).toString('base64url');

/** Notes that a browser begins a registration; answers the `state` that GitHub hands back. */
export async function beginRegistration({ redis, keys }: Store, browser: string): Promise<string> {
  const state = unguessable();
  await redis.set(keys.registration(state), browser, 'EX', lifetime);
  return state;
}

/** Whether this browser began the registration with this `state`; true once at most. */
export async function endRegistration(
  { redis, keys }: Store,
  state: string,
  browser: string,
): Promise<boolean> {
  return (await redis.getdel(keys.registration(state))) === browser;
}
