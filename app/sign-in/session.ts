import { randomBytes } from 'node:crypto';
import { saveSession, takeSession, useSession } from '../../queue/sessions.ts';
import type { Tokens } from '../github/oauth.ts';
import type { Person } from '../github/person.ts';
import { endToken } from './end-token.ts';
import { freshTokens } from './fresh-tokens.ts';
import { openTokens, sealTokens } from './sealed-tokens.ts';
import type { SignIn } from './sign-in.ts';

/** Somebody at a browser; `isProlonged` means that its cookie should be as well. */
export type Session = { person: Person; token: string; isProlonged: boolean };

/** Signs somebody in; answers the id by which their browser is known from now on. */
export async function beginSession(
  signIn: SignIn,
  person: Person,
  tokens: Tokens,
): Promise<string> {
  const id = randomBytes(32).toString('base64url');
  await saveSession(signIn.store, id, { ...person, sealed: await sealTokens(signIn, id, tokens) });
  return id;
}

/** Who is at the browser with this id, with a token that works; null if that is over. */
export async function findSession(signIn: SignIn, id: string): Promise<Session | null> {
  const found = await useSession(signIn.store, id);
  if (!found) return null;
  const { sealed, ...person } = found.session;
  const held = await openTokens(signIn, id, sealed);
  const tokens = held && (await freshTokens(signIn, id, held));
  return tokens && { person, token: tokens.token, isProlonged: found.isProlonged };
}

/** Signs somebody out, whatever GitHub says to ending their token. */
export async function endSession(signIn: SignIn, id: string): Promise<void> {
  const sealed = await takeSession(signIn.store, id);
  const tokens = sealed === null ? null : await openTokens(signIn, id, sealed);
  if (tokens) await endToken(signIn, tokens);
}
