import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import { sessionLifetime } from '../../queue/sessions.ts';

/** What a cookie is kept under by browsers, and how. */
type Cookie = { name: string; options: CookieOptions };

/** The cookie that holds a session's id. */
export const sessionCookie = (publicUrl: string): Cookie =>
  cookie(publicUrl, 'slipway', sessionLifetime / 1_000);

/** The cookie that ties the end of a sign-in to the browser that began it; for ten minutes. */
export const beginningCookie = (publicUrl: string): Cookie =>
  cookie(publicUrl, 'slipway-sign-in', 600);

/** The value that a browser sent, if it did. */
export const read = (c: Context, { name }: Cookie): string | undefined => getCookie(c, name);

/** Has the browser keep a value. */
export const keep = (c: Context, { name, options }: Cookie, value: string): void =>
  setCookie(c, name, value, options);

/** Has the browser forget the value. */
export const forget = (c: Context, { name, options }: Cookie): void => {
  const { maxAge: _kept, ...attributes } = options;
  deleteCookie(c, name, attributes);
};

/**
 * Whether a browser keeps `Secure` cookies from this address: over HTTPS, and from the machine it
 * runs on (https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy).
 */
export const keepsSecureCookies = (publicUrl: string): boolean => {
  const { protocol, hostname } = new URL(publicUrl);
  return protocol === 'https:' || /^(localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
};

/** With `__Host-` no other host, not even one below ours or above, can set it. */
function cookie(publicUrl: string, name: string, maxAge: number): Cookie {
  const secure = keepsSecureCookies(publicUrl);
  const options = { path: '/', httpOnly: true, sameSite: 'Lax', secure, maxAge } as const;
  return { name: secure ? `__Host-${name}` : name, options };
}
