import { withLock } from '../../queue/lock.ts';
import { endSessionWith, replaceTokens, sessionHash, useSession } from '../../queue/sessions.ts';
import { OAuthRefused, refreshTokens, type Tokens } from '../github/oauth.ts';
import { endToken } from './end-token.ts';
import { openTokens, sealTokens } from './sealed-tokens.ts';
import type { SignIn } from './sign-in.ts';

/** A token that ends within so many milliseconds is refreshed before it is used. */
const ahead = 5 * 60_000;

/** How long a request waits for another's refresh of the same token, in milliseconds. */
const patience = 10_000;

/**
 * The session's tokens, refreshed if they are about to end: once, however many requests and
 * processes come by, since a refresh token is good for one use. Null if GitHub refuses to, which
 * ends the session. While GitHub does not answer, the old ones are used for as long as they last.
 */
export async function freshTokens(
  signIn: SignIn,
  id: string,
  held: Tokens,
): Promise<Tokens | null> {
  if (!isEnding(held)) return held;
  const { store, log } = signIn;
  try {
    const lock = `session:${sessionHash(id)}`;
    return await withLock(store, lock, AbortSignal.timeout(patience), () => refreshed(signIn, id));
  } catch (error) {
    log.warn({ err: error }, 'A person’s token could not be refreshed; it is tried again');
    return held;
  }
}

async function refreshed(signIn: SignIn, id: string): Promise<Tokens | null> {
  const { store, app } = signIn;
  const sealed = (await useSession(store, id))?.session.sealed;
  const held = sealed === undefined ? null : await openTokens(signIn, id, sealed);
  if (!sealed || !held?.expiry || !isEnding(held)) return held;
  const tokens = await orNull(refreshTokens(app, held.expiry.refresh));
  if (!tokens) {
    await endSessionWith(store, id, sealed);
    return null;
  }
  if (await replaceTokens(store, id, sealed, await sealTokens(signIn, id, tokens))) return tokens;
  // Signed out while GitHub answered.
  await endToken(signIn, tokens);
  return null;
}

const isEnding = ({ expiry }: Tokens): boolean => expiry !== null && expiry.at - Date.now() < ahead;

/** Null where GitHub does not take the refresh token; its other refusals may pass. */
async function orNull(asked: Promise<Tokens>): Promise<Tokens | null> {
  try {
    return await asked;
  } catch (error) {
    const isOver = error instanceof OAuthRefused && over.includes(error.code);
    if (isOver) return null;
    throw error;
  }
}

/** GitHub's word and the standard's (RFC 6749, section 5.2). */
const over = ['bad_refresh_token', 'invalid_grant'];
