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

/**
 * Whether a reference in full is one (https://pkg.go.dev/github.com/distribution/reference). What is
 * none must not become part of the Engine's or a registry's paths, where it may lead elsewhere.
 */
export const isReference = (canonical: string): boolean =>
  canonical.length <= longestReference && reference.test(canonical);

const longestReference = 1_024;
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^${label}(?:\\.${label})*(?::\\d+)?(?:/${part})+(?::\\w[\\w.-]{0,127})?(?:@[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,})?$`,
);

/** A text with more than this is not expanded to its end, in characters. */
const longestText = 16_384;

/** The host of a reference in full: everything before its first slash. */
export const imageHost = (canonical: string): string => canonical.slice(0, canonical.indexOf('/'));

/**
 * Puts the values of a Dockerfile's global arguments into a FROM: `${NODE:-22}`, `$BASE`. Build
 * arguments win over the file's defaults. What has no value is left out, as BuildKit does, and a
 * value is cut where it is longer than any reference: each may hold the one before a thousand times.
 */
export function expandArguments(
  text: string,
  args: Instruction[],
  buildArgs: Record<string, string>,
): string {
  const values = new Map<string, string>();
  const expand = (value: string): string => expandOnce(value).slice(0, longestReference + 1);
  const expandOnce = (value: string): string =>
    value
      .slice(0, longestText)
      .replace(
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
