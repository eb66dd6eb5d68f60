import type { MiddlewareHandler } from 'hono';
import { ApiError } from './api-error.ts';

/**
 * Refuses what a page of another site makes a browser send here: whoever reaches us by a browser
 * may do what its machine or its cookies may. Programs say no origin; every browser does with POST
 * (https://fetch.spec.whatwg.org/#origin-header).
 */
export const ownOriginOnly: MiddlewareHandler = async (c, next) => {
  if (['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)) return next();
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const isOwn = site ? site === 'same-origin' : !origin || hostOf(origin) === c.req.header('host');
  if (isOwn) return next();
  throw new ApiError(403, 'forbidden', 'This was asked for by a page of another site.');
};

const hostOf = (origin: string): string | null =>
  URL.canParse(origin) ? new URL(origin).host : null;
