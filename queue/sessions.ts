import { createHash } from 'node:crypto';
import type { Store } from './build-store.ts';
import { lastingScript } from './lasting-script.ts';
import { removeSessionScript, replaceTokensScript } from './session-scripts.ts';

/** Somebody signed in at one browser; `sealed` holds the tokens, which Redis cannot read. */
export type StoredSession = { login: string; name: string; avatarUrl: string; sealed: string };

/** How long a session lasts that nobody uses, in milliseconds. */
export const sessionLifetime = 30 * 86_400_000;

/** How much of that may be gone before a use prolongs it, in milliseconds. */
const prolongAfter = 3_600_000;

/** What a session goes by in Redis, where the browser's id itself must not be. */
export const sessionHash = (id: string): string => createHash('sha256').update(id).digest('hex');

/** Begins a session under the id that the browser is given. */
export async function saveSession({ redis, keys }: Store, id: string, session: StoredSession) {
  const fields = Object.entries(session).flat();
  await redis.eval(lastingScript, 1, keys.session(sessionHash(id)), sessionLifetime, ...fields);
}

/** A session, prolonged where an hour of its time is gone; null if it is over or never was. */
export async function useSession(
  { redis, keys }: Store,
  id: string,
): Promise<{ session: StoredSession; isProlonged: boolean } | null> {
  const key = keys.session(sessionHash(id));
  const [fields, left] = await Promise.all([redis.hgetall(key), redis.pttl(key)]);
  if (!fields.sealed) return null;
  const isProlonged = left < sessionLifetime - prolongAfter;
  if (isProlonged) await redis.pexpire(key, sessionLifetime);
  const { login = '', name = '', avatarUrl = '', sealed } = fields;
  return { session: { login, name, avatarUrl, sealed }, isProlonged };
}

/** Keeps new tokens if the session still has the known ones; false where it is over by now. */
export async function replaceTokens(
  { redis, keys }: Store,
  id: string,
  known: string,
  sealed: string,
): Promise<boolean> {
  const key = keys.session(sessionHash(id));
  return (await redis.eval(replaceTokensScript, 1, key, known, sealed)) === 1;
}

/** Ends a session whose tokens are these still. */
export async function endSessionWith({ redis, keys }: Store, id: string, known: string) {
  await redis.eval(removeSessionScript, 1, keys.session(sessionHash(id)), known);
}

/** Ends a session; answers the tokens it had, sealed, or null if there was none. */
export async function takeSession({ redis, keys }: Store, id: string): Promise<string | null> {
  const key = keys.session(sessionHash(id));
  const answers = await redis.multi().hget(key, 'sealed').del(key).exec();
  const [error, sealed] = answers?.[0] ?? [null, null];
  if (error) throw error;
  return sealed as string | null;
}
