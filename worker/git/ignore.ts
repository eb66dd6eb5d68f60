import { setImmediate as rest } from 'node:timers/promises';
import { BuildFailed } from '../engine/build-errors.ts';
import type { TreeEntry } from './file-tree.ts';
import type { IgnorePattern } from './ignore-pattern.ts';

/** Which patterns match a path or a parent of it, by their index. */
type Matches = boolean[];

/**
 * What an ignore file leaves of a context, in the order and with the entries of Docker's classic
 * builder: an ignored folder has none, even where an exception keeps a file in it. Throws BuildFailed
 * where that is too much work.
 */
export async function selectEntries<Entry extends { name: string; type: TreeEntry['type'] }>(
  entries: Entry[],
  patterns: IgnorePattern[],
): Promise<Entry[]> {
  if (patterns.length === 0) return entries;
  const folders = new Map<string, Matches>([['', []]]);
  const selected: Entry[] = [];
  let work = 0;
  for (const entry of entries) {
    const { name, type } = entry;
    const parent = folders.get(name.slice(0, Math.max(0, name.lastIndexOf('/'))));
    // It lies in a folder that is not looked into.
    if (!parent) continue;
    work += patterns.length;
    if (work > mostWork) throw tooMuchWork(entries.length, patterns.length);
    if (work % restEvery < patterns.length) await rest();
    const { isIgnored, matches } = judge(patterns, name, parent);
    const isLookedInto = !isIgnored || mayHoldException(patterns, name);
    if (type === 'folder' && isLookedInto) folders.set(name, matches);
    if (!isIgnored) selected.push(entry);
  }
  return selected;
}

/** So many comparisons of a path with a pattern are some 15 seconds. */
const mostWork = 60_000_000;

/** After so many the process sees to other things: they are some 10 milliseconds. */
const restEvery = 40_000;

const tooMuchWork = (paths: number, patterns: number): BuildFailed =>
  new BuildFailed(
    `The ignore file has ${patterns} patterns for ${paths} paths, which takes too long to apply: use fewer.`,
  );

/**
 * Whether a path is ignored, and what matched it, which is to be given with each path below it.
 * The last pattern that matches decides; what matches a folder matches everything below it
 * (MatchesUsingParentResults of https://github.com/moby/patternmatcher).
 */
function judge(
  patterns: IgnorePattern[],
  path: string,
  parent: Matches,
): { isIgnored: boolean; matches: Matches } {
  let isIgnored = false;
  const matches = patterns.map((pattern, index) => {
    const isMatch =
      parent[index] === true || (pattern.isException === isIgnored && pattern.matches(path));
    if (isMatch) isIgnored = !pattern.isException;
    return isMatch;
  });
  return { isIgnored, matches };
}

/**
 * Whether an ignored folder is looked into all the same: an exception begins with its path. As in
 * Docker's classic builder, an exception with a star in place of the folder does not.
 */
const mayHoldException = (patterns: IgnorePattern[], folder: string): boolean =>
  patterns.some(({ isException, text }) => isException && `${text}/`.startsWith(`${folder}/`));

/** The patterns with an exception for each path that they would ignore and the engine needs. */
export function withExceptions(patterns: IgnorePattern[], needed: string[]): IgnorePattern[] {
  const all = [...patterns];
  for (const text of needed) {
    const matches = (path: string) => path === text;
    if (isIgnored(all, text)) all.push({ isException: true, text, matches });
  }
  return all;
}

function isIgnored(patterns: IgnorePattern[], path: string): boolean {
  let verdict: ReturnType<typeof judge> = { isIgnored: false, matches: [] };
  const parts = path.split('/');
  for (const end of parts.keys())
    verdict = judge(patterns, parts.slice(0, end + 1).join('/'), verdict.matches);
  return verdict.isIgnored;
}
