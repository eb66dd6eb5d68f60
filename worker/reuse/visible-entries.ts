import { posix } from 'node:path';
import { flagsOf, type Instruction, readDockerfile, triggerOf } from '../engine/dockerfile.ts';
import { isPlain } from '../engine/plain-dockerfile.ts';
import type { BuildContext, ContextEntry } from '../git/context.ts';

/**
 * The entries of a context that its Dockerfile can see: those that a COPY or ADD names, with what
 * is below them, or all where that is not plain. Null where an instruction takes something from
 * elsewhere that may change by itself, such as ADD of a URL, and where BuildKit may read other
 * instructions than are read here.
 */
export function visibleEntries(context: BuildContext): ContextEntry[] | null {
  if (!isPlain(context.dockerfileText)) return null;
  const wanted: string[] = [];
  for (const { instructions } of readDockerfile(context.dockerfileText).stages) {
    for (const instruction of instructions) {
      const paths = pathsOf(instruction);
      if (paths === null) return null;
      wanted.push(...paths);
    }
  }
  const named = new Set(wanted.map((path) => fixedPart(path)));
  if (named.has('')) return context.entries;
  const entries = context.entries.filter(({ name }) => wayTo(name).some((path) => named.has(path)));
  // A link that is named is followed to wherever it leads.
  const onTheWay = new Set([...named].flatMap(wayTo));
  const isLink = context.entries.some(({ name, type }) => type === 'link' && onTheWay.has(name));
  const isFollowed = isLink || hasWildcardOverLinks(wanted, entries);
  return isFollowed ? context.entries : entries;
}

/** A path and the folders that it goes through. */
function wayTo(path: string): string[] {
  const way = [path];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    way.push(path.slice(0, at));
  return way;
}

/** What an instruction takes from the context, as paths in it; '' is all of it. */
function pathsOf(instruction: Instruction): string[] | null {
  const { keyword, rest } = instruction;
  // A later stage that goes on from this one obeys it.
  if (keyword === 'ONBUILD') return pathsOf(triggerOf(instruction));
  const flags = flagsOf(instruction);
  if (keyword === 'RUN') return flags.split(/\s+/).some(showsContext) ? [''] : [];
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  if (/(^|\s)--from=/.test(flags)) return [];
  const sources = sourcesIn(rest.slice(flags.length));
  if (keyword === 'ADD' && (sources === null || sources.some(mayBeElsewhere))) return null;
  if (sources === null) return [''];
  return sources.map((source) => (/[$\\"'`<]/.test(source) ? '' : posix.normalize(source)));
}

/** A URL, or what BuildKit takes for a git repository, or anything that may turn out to be one. */
const mayBeElsewhere = (source: string): boolean =>
  /:\/\/|@[^/]*:|\.git([#?]|$)|[$\\"'`]/i.test(source);

/** Whether a flag of RUN mounts the context or a part of it. */
function showsContext(flag: string): boolean {
  if (!flag.startsWith('--mount')) return false;
  const options = flag.toLowerCase().slice('--mount='.length).split(',');
  const types = options.filter((option) => option.startsWith('type='));
  const isOther = types.every((type) => /^type=(cache|secret|ssh|tmpfs)$/.test(type));
  if (types.length > 0 && isOther) return false;
  return !options.some((option) => option.startsWith('from='));
}

/** The sources of a COPY or ADD after its flags; null where they are not plain. */
function sourcesIn(text: string): string[] | null {
  if (!text.startsWith('[')) return text.split(/\s+/).filter(Boolean).slice(0, -1);
  try {
    const words: unknown = JSON.parse(text);
    const isList = Array.isArray(words) && words.every((word) => typeof word === 'string');
    return isList ? words.slice(0, -1) : null;
  } catch {
    // Words to BuildKit, or JSON with something behind it: too rare to be told apart.
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
