import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import type { Person } from '../github/person.ts';
import { findSession } from '../sign-in/session.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import { forget, keep, read, sessionCookie } from './session-cookie.ts';

/** Whoever asks for something: a program with a token, somebody signed in, or a stranger. */
export type Caller = {
  /** What GitHub is asked with about what the caller may do; null for a stranger. */
  token: string | null;
  /** Who is signed in at this browser; null for a program or a stranger. */
  person: Person | null;
  /** Whether people can sign in here at all. */
  canSignIn: boolean;
};

/** What every route finds in its context. */
export type WebEnv = {
  Bindings: HttpBindings;
  Variables: {
    caller: Caller;
    /** The caller's token as it is by now, for what outlives the request's beginning. */
    tokenNow: () => Promise<string | null>;
  };
};

/**
 * Finds out who asks, for the routes that follow: a token in the header goes before a session. The
 * cookie of a session that is over is removed.
 */
export const identify = (signIn: SignIn | null): MiddlewareHandler<WebEnv> => {
  const cookie = signIn && sessionCookie(signIn.publicUrl);
  return async (c, next) => {
    const bearer = bearerToken(c.req.header('authorization'));
    const id = bearer === null && cookie ? read(c, cookie) : undefined;
    const session = signIn && id ? await findSession(signIn, id) : null;
    if (cookie && id && !session) forget(c, cookie);
    if (cookie && id && session?.isProlonged) keep(c, cookie, id);
    // What one person may see is not for a proxy to show another.
    c.header('cache-control', 'private, no-cache');
    c.set('caller', {
      token: bearer ?? session?.token ?? null,
      person: session?.person ?? null,
      canSignIn: signIn !== null,
    });
    c.set('tokenNow', async () => {
      if (!signIn || !id) return bearer;
      return (await findSession(signIn, id))?.token ?? null;
    });
    return next();
  };
};

/** The token of whoever asks, or null for a stranger. */
export const tokenOf = (c: Context<WebEnv>): string | null => c.var.caller.token;

/** The login of whoever is signed in; null for a program or a stranger. */
export const loginOf = (c: Context<WebEnv>): string | null => c.var.caller.person?.login ?? null;

/** The token of an `Authorization: Bearer …` header, or null. */
const bearerToken = (header: string | undefined): string | null =>
  /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? null;
