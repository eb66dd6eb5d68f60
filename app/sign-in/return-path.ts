/** Longer ones would not fit into a cookie. */
const longest = 1_000;

/** What nobody is to be led to once they are signed in, or out again. */
const isOfSigningIn = /^\/sign-(in|out)(?![\w-])/;

/** Whether a browser, or a proxy that decodes first, could take it for another host. */
const isOfAnotherHost = /^\/(\/|\\|%2f|%5c)/i;

/**
 * Where somebody goes after signing in: the given address if it is a path of this service, `/` for
 * everything else, so that a link to the sign-in leads to nobody else's pages.
 */
export function returnPath(given: string | undefined): string {
  if (given?.[0] !== '/' || given.length > longest) return '/';
  const base = 'http://slipway.invalid';
  if (!URL.canParse(given, base)) return '/';
  const { origin, pathname, search, hash } = new URL(given, base);
  // Only the parsed path shows what browsers make of tabs, backslashes and dots.
  const isHere = origin === base && !isOfAnotherHost.test(pathname);
  return isHere && !isOfSigningIn.test(pathname) ? `${pathname}${search}${hash}` : '/';
}
