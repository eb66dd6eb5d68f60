import { parse, prerelease, valid as validSemver } from 'semver';
import { isRaw, render, renderDates, renderGlobal } from './expressions.ts';
import type { Flavor } from './flavor.ts';
import { matchGroups } from './match-groups.ts';
import { pep440 } from './pep440.ts';
import { quoted } from './quoted.ts';
import { refName, type TagContext } from './tag-context.ts';
import { type TagLine, TagMistake, type TagType } from './tag-line.ts';

/** What the lines of a rule make of a ref: the tag that is the version, the others, `latest`. */
export type Version = {
  main: string | undefined;
  partial: string[];
  latest: boolean;
  /** Those of the tags that a ref's name had to be changed for, as they are now. */
  changed: string[];
  /** Sentences on lines that gave nothing, for whoever wonders. */
  notes: string[];
};

/** What one line gives: a value, and whether `latest` goes with it unless the flavor says. */
type Made = { value: string; latest: boolean } | { note: string } | undefined;

/** Goes through the lines, highest priority first. Throws TagMistake. */
export function versionOf(lines: TagLine[], flavor: Flavor, context: TagContext): Version {
  const version: Version = { main: undefined, partial: [], latest: false, changed: [], notes: [] };
  const values: { value: string; latest: boolean }[] = [];
  for (const line of lines) {
    if (!isEnabled(line, context)) continue;
    const made = makers[line.type](line, context);
    if (made && 'note' in made) version.notes.push(made.note);
    if (!made || 'note' in made) continue;
    const value = decorated(made.value, line, flavor, context);
    if (value === '') continue;
    const tag = sanitized(value);
    if (tag !== value) version.changed.push(tag);
    values.push({ value: tag, latest: made.latest });
  }
  const [first] = values;
  if (!first) return version;
  version.main = first.value;
  version.latest = flavor.latest === 'auto' ? first.latest : flavor.latest === 'true';
  version.partial = [...new Set(values.map(({ value }) => value))].slice(1);
  return version;
}

/** The names of a version's tags, the version first, `latest` last. */
export function tagsOf({ main, partial, latest }: Version, flavor: Flavor): string[] {
  if (main === undefined) return [];
  const { prefix, prefixLatest, suffix, suffixLatest } = flavor;
  const newest = `${prefixLatest ? prefix : ''}latest${suffixLatest ? suffix : ''}`;
  return [main, ...partial, ...(latest ? [sanitized(newest)] : [])];
}

const makers: { [type in TagType]: (line: TagLine, context: TagContext) => Made } = {
  schedule: ({ attributes }, context) =>
    /schedule/.test(context.event)
      ? { value: renderDates(attributes.pattern ?? '', context), latest: false }
      : undefined,
  semver: (line, context) => fromVersion(line, context, semverValue),
  pep440: (line, context) => fromVersion(line, context, pep440Value),
  match: (line, context) => {
    const source = sourceOf(line, context);
    if (source === undefined) return undefined;
    const { pattern = '', group = '0' } = line.attributes;
    const groups = matchGroups(pattern, source);
    if (!groups) return { note: `${pattern} does not match ${source}.` };
    const value = groups[Number(group)];
    if (value === undefined) return { note: `${pattern} has no group ${group}.` };
    return { value, latest: true };
  },
  edge: ({ attributes }, { ref, defaultBranch }) =>
    refName(ref, 'heads') === (attributes.branch || defaultBranch) && ref !== ''
      ? { value: 'edge', latest: false }
      : undefined,
  ref: ({ attributes }, { ref }) => {
    const kinds = { branch: 'heads', tag: 'tags', pr: 'pull' } as const;
    const event = attributes.event as keyof typeof kinds;
    const name = refName(ref, kinds[event]).replace(event === 'pr' ? /\/merge$/ : /$^/, '');
    return name === '' ? undefined : { value: name, latest: event === 'tag' };
  },
  raw: ({ attributes }, context) => ({
    value: renderGlobal(attributes.value ?? '', context),
    latest: false,
  }),
  sha: ({ attributes }, { sha }) =>
    sha === ''
      ? undefined
      : { value: attributes.format === 'short' ? sha.slice(0, 7) : sha, latest: false },
};

/** The git tag, or what `value` says instead; nothing on a branch without one. */
function sourceOf({ attributes }: TagLine, context: TagContext): string | undefined {
  if (attributes.value) return renderGlobal(attributes.value, context);
  return context.ref.startsWith('refs/tags/') ? refName(context.ref, 'tags') : undefined;
}

function fromVersion(
  line: TagLine,
  context: TagContext,
  read: (text: string, pattern: string) => Made,
): Made {
  const source = sourceOf(line, context);
  if (source === undefined) return undefined;
  const { match = '', pattern = '' } = line.attributes;
  // As in metadata-action: without the expected match the whole text is tried.
  const found = match === '' ? source : (matchGroups(match, source)?.[1] ?? source);
  return read(found.replaceAll('/', '-'), pattern);
}

function semverValue(text: string, pattern: string): Made {
  if (!validSemver(text)) return { note: `${text} is no version by https://semver.org.` };
  const version = { ...parse(text, { loose: true }) };
  if (!prerelease(text)) return { value: render(pattern, version), latest: true };
  return { value: render(isRaw(pattern) ? pattern : '{{version}}', version), latest: false };
}

function pep440Value(text: string, pattern: string): Made {
  // PEP 440's own regular expression is not made for long hostile input.
  if (text.length > 256 || !pep440.valid(text)) {
    return { note: `${text} is no version by https://peps.python.org/pep-0440.` };
  }
  const version = pep440.clean(text) ?? text;
  const { is_prerelease, is_postrelease, is_devrelease } = pep440.explain(text);
  if (is_prerelease || is_postrelease || is_devrelease) {
    return { value: isRaw(pattern) ? text : version, latest: false };
  }
  const parts = { major: pep440.major(text), minor: pep440.minor(text), patch: pep440.patch(text) };
  return { value: render(pattern, { raw: text, version, ...parts }), latest: true };
}

function isEnabled({ attributes }: TagLine, context: TagContext): boolean {
  const enable = renderGlobal(attributes.enable ?? 'true', context);
  if (enable === 'true' || enable === 'false') return enable === 'true';
  throw new TagMistake(`${quoted(enable)} is no value of enable; use true or false.`);
}

/** A line's own prefix and suffix stand in for the flavor's. */
function decorated(value: string, line: TagLine, flavor: Flavor, context: TagContext): string {
  const part = (name: 'prefix' | 'suffix') =>
    renderGlobal(line.attributes[name] ?? flavor[name], context);
  return `${part('prefix')}${value}${part('suffix')}`;
}

const sanitized = (tag: string): string => tag.replace(/[^a-zA-Z0-9._-]+/g, '-');
