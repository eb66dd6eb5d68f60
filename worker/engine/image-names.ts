import type { Instruction } from './dockerfile.ts';

/**
 * An image reference in full, as the Engine writes it in its messages: `node` is
 * `docker.io/library/node:latest`. Not a check: what is no reference comes back as something that
 * equals no reference.
 */
export function canonicalImage(reference: string): string {
  const [name = '', digest] = reference.split('@');
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const hasHost = first === 'localhost' || /[.:]/.test(first);
  const host = hasHost ? first.replace(/^index\.docker\.io$/, 'docker.io') : 'docker.io';
  const path = hasHost ? name.slice(slash + 1) : name;
  const full = host === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  const tagged = digest || full.includes(':') ? full : `${full}:latest`;
  return `${host}/${tagged}${digest ? `@${digest}` : ''}`;
}

/** The host of a reference in full: everything before its first slash. */
export const imageHost = (canonical: string): string => canonical.slice(0, canonical.indexOf('/'));

/**
 * Puts the values of a Dockerfile's global arguments into a FROM: `${NODE:-22}`, `$BASE`. Build
 * arguments win over the file's defaults. What has no value is left out, as BuildKit does.
 */
export function expandArguments(
  text: string,
  args: Instruction[],
  buildArgs: Record<string, string>,
): string {
  const values = new Map<string, string>();
  const expand = (value: string): string =>
    value.replace(
      /\$(?:(\w+)|\{(\w+)(?::?([-+])([^}]{0,300}))?\})/g,
      (_, bare?: string, name?: string, sign?: string, word?: string) => {
        const known = values.get(bare ?? name!);
        if (sign === '+') return known ? word! : '';
        return known || (sign === '-' ? word! : '');
      },
    );
  for (const { rest } of args)
    for (const [, name, value] of rest.matchAll(/(\w+)(?:=("[^"]*"|'[^']*'|\S*))?/g))
      if (Object.hasOwn(buildArgs, name!)) values.set(name!, buildArgs[name!]!);
      else if (value !== undefined) values.set(name!, expand(value.replace(/^["']|["']$/g, '')));
  return expand(text);
}
