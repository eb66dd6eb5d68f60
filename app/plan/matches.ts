import { compiled } from '../tags/match-groups.ts';

/** Patterns, ready to be matched; a name costs `size` steps for each of its characters at most. */
export type Patterns = { size: number; matches(name: string): boolean };

/**
 * Reads a list of patterns, and answers whether a name matches it: globs (`*` stays within a `/`,
 * `**` does not), or `/regular expressions/` as Docker Hub has them, which match anywhere. `!` takes
 * back what came before, and the last pattern that matches decides; a list of nothing but `!` begins
 * with all. Matching takes time linear in the name, whatever the patterns. Throws TagMistake for a
 * broken pattern.
 */
export function readPatterns(patterns: string[]): Patterns {
  const all = patterns.map((pattern) => {
    const isNegated = pattern.startsWith('!');
    return { isNegated, ...readPattern(isNegated ? pattern.slice(1) : pattern) };
  });
  const first = all.length > 0 && all.every(({ isNegated }) => isNegated);
  return {
    size: all.reduce((sum, { size }) => sum + size, 0),
    matches(name) {
      let matched = first;
      for (const { isNegated, matches } of all) {
        if (matched === isNegated && matches(name)) matched = !isNegated;
      }
      return matched;
    },
  };
}

function readPattern(pattern: string): Patterns {
  const [, source, flags = ''] = /^\/(.+)\/([a-z]*)$/.exec(pattern) ?? [];
  if (source !== undefined) {
    const expression = compiled(source, flags);
    const matches = (name: string) => expression.matcher(name).find();
    return { size: expression.programSize(), matches };
  }
  const glob = compiled(`^(?:${fromGlob(pattern)})$`, 's');
  return { size: glob.programSize(), matches: (name) => glob.matcher(name).matches() };
}

/** A glob as a regular expression: the libraries for it make ones that can take for ever. */
function fromGlob(glob: string): string {
  return glob.replace(tokens, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.startsWith('[')) return token.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    if (token.startsWith('{'))
      return `(?:${token.slice(1, -1).split(',').map(fromGlob).join('|')})`;
    return token.startsWith('\\') ? token : `\\${token}`;
  });
}

/** What means something in a glob, and what would mean something in a regular expression. */
const tokens = /(?<=^|\/)\*\*\/|\*\*|\*|\?|\[!?[^\]/]+\]|\{[^{}]*\}|\\.|[.+^$|()[\]{}\\]/gs;
