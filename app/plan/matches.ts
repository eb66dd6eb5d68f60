import { compiled } from '../tags/match-groups.ts';

/**
 * Whether a name matches a list of patterns: globs (`*` stays within a `/`, `**` does not), or
 * `/regular expressions/` as Docker Hub has them, which match anywhere. `!` takes back what came
 * before, and the last pattern that matches decides; a list of nothing but `!` begins with all.
 * Takes time linear in the name, whatever the patterns. Throws TagMistake for a broken pattern.
 */
export function matchesAny(patterns: string[], name: string): boolean {
  let matches = patterns.length > 0 && patterns.every((pattern) => pattern.startsWith('!'));
  for (const pattern of patterns) {
    const isNegated = pattern.startsWith('!');
    const positive = isNegated ? pattern.slice(1) : pattern;
    if (matches === isNegated && matchesOne(positive, name)) matches = !isNegated;
  }
  return matches;
}

/** Compiles every pattern once, so that a broken one is found when the file is read. */
export function checkPatterns(patterns: string[]): void {
  for (const pattern of patterns) matchesOne(pattern.replace(/^!/, ''), '');
}

function matchesOne(pattern: string, name: string): boolean {
  const [, source, flags = ''] = /^\/(.+)\/([a-z]*)$/.exec(pattern) ?? [];
  if (source !== undefined) return compiled(source, flags).matcher(name).find();
  return compiled(`^(?:${fromGlob(pattern)})$`, 's')
    .matcher(name)
    .matches();
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
