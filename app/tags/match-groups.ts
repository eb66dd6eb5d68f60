import { RE2JS } from 're2js';
import { quoted } from './quoted.ts';
import { TagMistake } from './tag-line.ts';

/**
 * What a regular expression, as `text` or `/text/flags`, finds first in a text: the whole match,
 * then its groups; null if nothing. RE2 takes time linear in the text whatever the repository
 * wrote; what it cannot do (looking ahead, back references) is a TagMistake.
 */
export function matchGroups(pattern: string, text: string): (string | undefined)[] | null {
  const [, source = pattern, flags = ''] = /^\/(.+)\/(.*)$/.exec(pattern) ?? [];
  const matcher = compiled(source, flags).matcher(text);
  if (!matcher.find()) return null;
  return Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? undefined);
}

/** Compiles a regular expression for time linear in the text. Throws TagMistake. */
export function compiled(source: string, flags: string): RE2JS {
  const bits: Record<string, number> = {
    i: RE2JS.CASE_INSENSITIVE,
    m: RE2JS.MULTILINE,
    s: RE2JS.DOTALL,
    g: 0,
    u: 0,
  };
  const unknown = [...flags].find((flag) => !(flag in bits));
  if (unknown)
    throw new TagMistake(`${quoted(unknown)} is no flag of a regular expression; use i, m, s.`);
  const all = [...flags].reduce((sum, flag) => sum | (bits[flag] ?? 0), 0);
  const expression = parsed(source, all);
  const size = expression.programSize();
  if (size <= largest) return expression;
  throw new TagMistake(
    `${quoted(source)} makes a program of ${size} steps; allowed are ${largest}.`,
  );
}

/** What a regular expression may compile to, in instructions: time goes with it. */
const largest = 1_000;

function parsed(source: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(source, flags);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new TagMistake(`${quoted(source)} is no regular expression that RE2 knows: ${why}`, {
      cause,
    });
  }
}
