/** How a registry wants to know who asks. `scope` is as it came, several separated by spaces. */
export type Challenge =
  | { scheme: 'basic' }
  | { scheme: 'bearer'; realm: string; service?: string; scope?: string };

/**
 * Reads a WWW-Authenticate header, Bearer before Basic where a registry offers both; null when it
 * has neither. See https://distribution.github.io/distribution/spec/auth/token/ and
 * https://www.rfc-editor.org/rfc/rfc9110#field.www-authenticate.
 */
export function readChallenge(header: string | undefined): Challenge | null {
  const offers = offersIn(header ?? '');
  const { realm, service, scope } = offers.get('bearer') ?? {};
  if (realm)
    return { scheme: 'bearer', realm, ...(service && { service }), ...(scope && { scope }) };
  return offers.has('basic') ? { scheme: 'basic' } : null;
}

/** A word, or a word with a value: `Bearer`, `realm="https://…"`. */
const part = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/** A word without a value begins the next scheme. */
function offersIn(header: string): Map<string, Record<string, string>> {
  const offers = new Map<string, Record<string, string>>();
  let current: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of header.matchAll(part)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (value !== undefined) current[name.toLowerCase()] = value;
    else {
      current = {};
      offers.set(name.toLowerCase(), current);
    }
  }
  return offers;
}
