import { parse } from 'csv-parse/sync';
import { quoted } from './quoted.ts';

/** The types of docker/metadata-action's tags and their priority unless a line says otherwise. */
const priorities = {
  schedule: 1000,
  semver: 900,
  pep440: 900,
  match: 800,
  edge: 700,
  ref: 600,
  raw: 200,
  sha: 100,
} as const;

/** What kind of tag a line asks for. */
export type TagType = keyof typeof priorities;

/** One line of `tags`, read: its type and its attributes, the defaults of the type included. */
export type TagLine = { type: TagType; priority: number; attributes: Record<string, string> };

/** A line that does not mean anything; the message says what would. */
export class TagMistake extends Error {
  override name = 'TagMistake';
}

/** The lines of a rule that names none: what docker/metadata-action does without any. */
export const metadataDefaults = [
  'type=schedule',
  'type=ref,event=branch',
  'type=ref,event=tag',
  'type=ref,event=pr',
];

/**
 * Reads `type=…,key=value,…` lines, highest priority first, as
 * https://github.com/docker/metadata-action#tags-input describes them. Throws TagMistake.
 */
export function readTagLines(lines: string[]): TagLine[] {
  return lines.map(readTagLine).sort((a, b) => b.priority - a.priority);
}

/** The fields of one comma-separated line; quotes hold a field with a comma together. */
export function fieldsOf(line: string): string[] {
  try {
    const [fields] = parse(line, { relaxColumnCount: true, skipEmptyLines: true }) as string[][];
    return fields ?? [];
  } catch (cause) {
    throw new TagMistake(
      `${quoted(line)} is not a comma-separated line: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

function readTagLine(line: string): TagLine {
  const attributes: Record<string, string> = {};
  let type: string = 'raw';
  for (const field of fieldsOf(line)) {
    const at = field.indexOf('=', 1);
    const key = at < 0 ? 'value' : field.slice(0, at).trim().toLowerCase();
    const value = field.slice(at + 1).trim();
    if (key === 'type') type = value;
    else attributes[key] = value;
  }
  if (!Object.hasOwn(priorities, type)) {
    throw new TagMistake(`${quoted(type)} is no type of tag; there are ${names(priorities)}.`);
  }
  const known = type as TagType;
  const complete = { ...defaults[known], ...attributes };
  for (const name of needed[known] ?? []) {
    if (!(name in complete)) throw new TagMistake(`${quoted(line)} needs the attribute ${name}.`);
  }
  for (const [name, allowed] of Object.entries(choices[known] ?? {})) {
    if (!allowed.includes(complete[name] ?? '')) {
      throw new TagMistake(
        `${quoted(complete[name] ?? '')} is no ${name} of ${type}; use ${allowed.join(', ')}.`,
      );
    }
  }
  if (known === 'match' && !/^\d{1,2}$/.test(complete.group ?? '')) {
    throw new TagMistake(
      `${quoted(complete.group ?? '')} is no group of a match; use a number from 0.`,
    );
  }
  if (complete.event === 'pr') complete.prefix ??= 'pr-';
  return { type: known, priority: priorityOf(complete.priority, known), attributes: complete };
}

function priorityOf(text: string | undefined, type: TagType): number {
  const priority = text === undefined ? priorities[type] : Number(text);
  if (!Number.isFinite(priority))
    throw new TagMistake(`${quoted(text ?? '')} is no priority; use a number.`);
  return priority;
}

const defaults: { [type in TagType]?: Record<string, string> } = {
  schedule: { pattern: 'nightly' },
  semver: { value: '', match: '' },
  pep440: { value: '', match: '' },
  match: { group: '0', value: '' },
  edge: { branch: '' },
  sha: { prefix: 'sha-', format: 'short' },
};

const needed: { [type in TagType]?: string[] } = {
  semver: ['pattern'],
  pep440: ['pattern'],
  match: ['pattern'],
  ref: ['event'],
  raw: ['value'],
};

const choices: { [type in TagType]?: Record<string, string[]> } = {
  ref: { event: ['branch', 'tag', 'pr'] },
  sha: { format: ['short', 'long'] },
};

const names = (table: object): string => Object.keys(table).join(', ');
