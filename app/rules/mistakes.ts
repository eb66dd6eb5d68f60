import type { z } from 'zod';

/** One thing that is wrong in a rules file. */
export type Mistake = {
  /** 1-based. */
  line: number;
  column: number;
  /** The way to it: `images[0].dockerfile`; empty for the file as a whole. */
  key: string;
  /** One sentence: what is wrong and what would be allowed. */
  message: string;
};

/** A mistake by the way to its value; `at` is its offset in the file where the way is not enough. */
export type Place = { path: PropertyKey[]; at?: number; message: string };

/** The way to a value as people write it: `images[0].on.branches`. */
export function keyOf(path: PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** What zod found, one entry for each sentence to say; of a choice, what comes nearest is said. */
export function placesOf(issues: z.core.$ZodIssue[], allowed: (path: PropertyKey[]) => string[]) {
  const places = issues.flatMap((issue) => placeOf(issue, allowed));
  // A mistyped key first: what is missing because of it is explained by it.
  return places.sort(
    (a, b) => Number(b.message.includes('no key')) - Number(a.message.includes('no key')),
  );
}

function placeOf(issue: z.core.$ZodIssue, allowed: (path: PropertyKey[]) => string[]): Place[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const keys = allowed(path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `“${shortened(key)}” is no key here; allowed are ${keys.join(', ')}.`,
    }));
  }
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
    const kinds = issue.errors.flatMap(([first]) =>
      first?.code === 'invalid_type' ? [first.expected] : [],
    );
    return [{ path, message: `It must be ${article([...new Set(kinds)].join(' or '))}.` }];
  }
  return [{ path, message: sentence(issue) }];
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    const isMissing = issue.message.endsWith('received undefined');
    return isMissing
      ? `It is missing; it must be ${article(issue.expected)}.`
      : `It must be ${article(issue.expected)}.`;
  }
  if (issue.code === 'too_big')
    return `It may have at most ${issue.maximum} ${units(issue.origin)}.`;
  if (issue.code === 'too_small')
    return `It must have at least ${issue.minimum} ${units(issue.origin)}.`;
  if (issue.code === 'invalid_key') return 'The name must be letters, digits and _ only.';
  const message = issue.message.replace(/\.$/, '');
  return message.startsWith('must ') ? `It ${message}.` : `${message}.`;
}

const kinds: Record<string, string> = {
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
};

const article = (expected: string): string =>
  expected
    .split(' or ')
    .map((kind) => kinds[kind] ?? kind)
    .join(' or ');

const units = (origin: string): string => (origin === 'string' ? 'characters' : 'entries');

const shortened = (key: string): string => (key.length > 60 ? `${key.slice(0, 60)}…` : key);
