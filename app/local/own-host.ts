import type { MiddlewareHandler } from 'hono';

/** Names of this machine by which only itself is meant, with any port. */
const ownHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** What proxies add to say for whom they ask. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/**
 * Refuses requests under another name than this machine's own, so that a page of another site
 * cannot reach us through its own name (DNS rebinding).
 */
export const ownHostOnly: MiddlewareHandler = async (c, next) => {
  if (!ownHost.test(c.req.header('host') ?? '')) return c.text('Not this host.\n', 403);
  return next();
};

/** Refuses also what a proxy or tunnel on this machine passes on for somebody elsewhere. */
export const notThroughProxy: MiddlewareHandler = async (c, next) => {
  if (proxyHeaders.some((name) => c.req.header(name) !== undefined)) {
    return c.text('This page is for a browser on this machine only, without a proxy.\n', 403);
  }
  return next();
};
