import { posix } from 'node:path';
import { RE2JS } from 're2js';

/** One line of an ignore file. */
export type IgnorePattern = {
  /** Whether it began with `!`: what it matches comes back. */
  isException: boolean;
  /** Without the `!`, the leading slash and what path cleaning takes away. */
  text: string;
  /** Whether it matches a path relative to the context, in itself and not through a parent. */
  matches: (path: string) => boolean;
};

/** A pattern is longer than any path Linux has, in characters. */
const longest = 4_096;

/** What Go's strings.TrimSpace takes away, which is not what JavaScript's trim does. */
const blank = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** By hand: an expression that looks for blanks at the end begins anew at each of them. */
function trim(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && blank.test(text[start] ?? '')) start += 1;
  while (end > start && blank.test(text[end - 1] ?? '')) end -= 1;
  return text.slice(start, end);
}

/** Go's filepath.Clean. */
const clean = (path: string): string => posix.normalize(path).replace(/(?<=.)\/$/, '');

/**
 * Reads an ignore file line by line as Docker does
 * (https://github.com/moby/patternmatcher/blob/main/ignorefile/ignorefile.go). Throws an Error
 * that names the pattern which Docker would refuse.
 */
export function readIgnorePatterns(text: string): IgnorePattern[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return lines.flatMap((line) => {
    const written = trim(line);
    if (line.startsWith('#') || written === '') return [];
    const isException = written.startsWith('!');
    const bare = isException ? trim(written.slice(1)) : written;
    const path = bare === '' ? '' : clean(bare).replace(/^\/(?=.)/, '');
    return ignorePattern(isException ? `!${path}` : path) ?? [];
  });
}

/** One pattern whose path is clean; null for an empty one. Throws as `readIgnorePatterns` does. */
export function ignorePattern(written: string): IgnorePattern | null {
  if (trim(written) === '') return null;
  const path = clean(trim(written));
  const isException = path.startsWith('!');
  const text = isException ? path.slice(1) : path;
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  if (text === '') throw new Error('the pattern “!” names nothing');
  if (text.length > longest) throw new Error(`the pattern “${shown}” is too long`);
  if (!isWellFormed(text)) throw new Error(`the pattern “${shown}” has a syntax error`);
  try {
    return { isException, text, matches: compile(text) };
  } catch (cause) {
    throw new Error(`the pattern “${shown}” has a syntax error`, { cause });
  }
}

/**
 * Go's filepath.Match refuses these: a class that is empty, is not closed or has a `-` without its
 * ends, and a backslash with nothing after it (https://pkg.go.dev/path/filepath#Match).
 */
const isWellFormed = (text: string): boolean =>
  /^(?:[^[\\]|\\.|\[\^?(?:(?:[^\]\\-]|\\.)(?:-(?:[^\]\\-]|\\.))?)+\])*$/su.test(text);

/**
 * Compile of https://github.com/moby/patternmatcher/blob/main/patternmatcher.go, with its quirks:
 * a pattern of plain characters is compared and not searched for, `{`, `|` and `}` keep their
 * meaning in regular expressions, dots match no line end. RE2 is what Go has, and takes time
 * linear in the path whatever the repository wrote.
 */
function compile(text: string): (path: string) => boolean {
  const characters = [...text];
  let source = '^';
  let kind: 'exact' | 'prefix' | 'suffix' | 'expression' = 'exact';
  for (let at = 0; at < characters.length; at += 1) {
    const isFirst = at === 0;
    const character = characters[at]!;
    if (character === '*' && characters[at + 1] === '*') {
      at += characters[at + 2] === '/' ? 2 : 1;
      if (at + 1 < characters.length) {
        source += '(.*/)?';
        kind = 'expression';
      } else if (kind === 'exact') kind = 'prefix';
      else {
        source += '.*';
        kind = 'expression';
      }
      if (isFirst) kind = 'suffix';
    } else if (character === '*' || character === '?') {
      source += character === '*' ? '[^/]*' : '[^/]';
      kind = 'expression';
    } else if (character === '\\') {
      at += 1;
      source += `\\${characters[at] ?? ''}`;
      kind = 'expression';
    } else {
      if (character === '[' || character === ']') kind = 'expression';
      source += '.+()$'.includes(character) ? `\\${character}` : character;
    }
  }
  if (kind === 'exact') return (path) => path === text;
  if (kind === 'prefix') return (path) => path.startsWith(text.slice(0, -2));
  const suffix = text.slice(2);
  if (kind === 'suffix')
    return (path) => path.endsWith(suffix) || (suffix[0] === '/' && path === suffix.slice(1));
  const expression = RE2JS.compile(`${source}$`);
  return (path) => expression.matcher(path).find();
}
