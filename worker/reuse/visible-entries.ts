import { posix } from 'node:path';
import { type Instruction, readDockerfile } from '../engine/dockerfile.ts';
import type { BuildContext, ContextEntry } from '../git/context.ts';

/**
 * The entries of a context that its Dockerfile can see: those that a COPY or ADD names, with what
 * is below them, or all where that is not plain. Null where an instruction takes something from
 * elsewhere that may change by itself, such as ADD of a URL.
 */
export function visibleEntries(context: BuildContext): ContextEntry[] | null {
  const wanted: string[] = [];
  for (const { instructions } of readDockerfile(context.dockerfileText).stages) {
    for (const instruction of instructions) {
      const paths = pathsOf(instruction);
      if (paths === null) return null;
      wanted.push(...paths);
    }
  }
  const folders = wanted.map((path) => fixedPart(path));
  if (folders.includes('')) return context.entries;
  const entries = context.entries.filter(({ name }) =>
    folders.some((path) => name === path || name.startsWith(`${path}/`)),
  );
  // A link that is named is followed to wherever it leads.
  const isLink = context.entries.some(
    ({ name, type }) =>
      type === 'link' && folders.some((path) => path === name || path.startsWith(`${name}/`)),
  );
  const isFollowed = isLink || hasWildcardOverLinks(wanted, entries);
  return isFollowed ? context.entries : entries;
}

/** What an instruction takes from the context, as paths in it; '' is all of it. */
function pathsOf({ keyword, rest }: Instruction): string[] | null {
  if (keyword === 'ONBUILD') return [];
  if (keyword === 'RUN') return mounts(rest).length > 0 ? [''] : [];
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  const words = wordsOf(rest);
  if (words === null) return [''];
  if (words.flags.some((flag) => flag.startsWith('--from='))) return [];
  const sources = words.others.slice(0, -1);
  if (keyword === 'ADD' && sources.some(isElsewhere)) return null;
  return sources.map((source) => (/[$\\"'<]/.test(source) ? '' : posix.normalize(source)));
}

/** A URL, or what BuildKit takes for a git repository, or anything that may turn out to be one. */
const isElsewhere = (source: string): boolean => /^[a-z+]+:\/\/|^git@|\.git(#|$)|\$/i.test(source);

/** The mounts of a RUN that show it the context. */
const mounts = (rest: string): string[] =>
  [...rest.matchAll(/--mount=(\S+)/g)]
    .map(([, options = '']) => options)
    .filter((options) => !/(^|,)type=(cache|secret|ssh|tmpfs)(,|$)/.test(options))
    .filter((options) => !/(^|,)from=/.test(options));

function wordsOf(rest: string): { flags: string[]; others: string[] } | null {
  const flags: string[] = [];
  let left = rest.trim();
  for (let flag = /^--\S+\s+/.exec(left); flag; flag = /^--\S+\s+/.exec(left)) {
    flags.push(flag[0].trim());
    left = left.slice(flag[0].length);
  }
  if (!left.startsWith('[')) return { flags, others: left.split(/\s+/).filter(Boolean) };
  try {
    const others: unknown = JSON.parse(left);
    const isList = Array.isArray(others) && others.every((word) => typeof word === 'string');
    return isList ? { flags, others } : null;
  } catch {
    // Not JSON, which BuildKit reads as plain words: rare enough to be taken for everything.
    return null;
  }
}

const wildcard = /[*?[\]]/;

/** The folders of a path before the first name with a wildcard; '' for all of the context. */
function fixedPart(path: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) return '';
  const end = names.findIndex((name) => wildcard.test(name));
  return names.slice(0, end === -1 ? names.length : end).join('/');
}

const hasWildcardOverLinks = (wanted: string[], entries: ContextEntry[]): boolean =>
  wanted.some((path) => wildcard.test(path)) && entries.some(({ type }) => type === 'link');
