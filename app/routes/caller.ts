import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';

/** Whoever asks for something: a program with a token, or a stranger. */
export type Caller = {
  /** What GitHub is asked with about what the caller may do; null for a stranger. */
  token: string | null;
};

/** What every route finds in its context. */
export type WebEnv = { Bindings: HttpBindings; Variables: { caller: Caller } };

/** Finds out who asks, for the routes that follow. */
export const identify: MiddlewareHandler<WebEnv> = async (c, next) => {
  c.set('caller', { token: bearerToken(c.req.header('authorization')) });
  return next();
};

/** The token of whoever asks, or null for a stranger. */
export const tokenOf = (c: Context<WebEnv>): string | null => c.var.caller.token;

/** The token of an `Authorization: Bearer …` header, or null. */
const bearerToken = (header: string | undefined): string | null =>
  /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? null;
