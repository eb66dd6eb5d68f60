import { isNode, isScalar, Lexer, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { keyOf, type Mistake, type Place, placesOf } from './mistakes.ts';
import type { WrittenTarget } from './notify-schema.ts';
import { ruleSchema, rulesSchema, type WrittenRule } from './rules-schema.ts';

/** The rules file's path in a repository. */
export const rulesPath = '.github/slipway.yml';

/** A larger file is refused before it is read, in bytes. */
const largest = 64 * 1024;

/** Mappings and lists inside each other, and uses of anchors, in one file at most. */
const deepest = 32;
const mostAliases = 100;

/** More tokens than this are no rules file: parsing time grows with them, and with each mistake. */
const mostTokens = 10_000;

/** Mistakes told at once; the rest of a file that is wrong throughout helps nobody. */
export const mostMistakes = 20;

/** A rules file that holds, or everything that is wrong with it. */
export type ReadRules = (Written & { locate: Locate }) | { mistakes: Mistake[] };

/** What a rules file says: the images to build, and who is told when a build ends. */
type Written = { rules: WrittenRule[]; notify: WrittenTarget[] };

/** Where a mistake found later is written: its key, or the nearest thing around it that is there. */
export type Locate = (place: Place) => Mistake;

/** Reads a rules file's text. Never throws, and takes well under a second whatever the text. */
export function readRules(content: string): ReadRules {
  const problem = refusal(content);
  if (problem) return { mistakes: [{ line: 1, column: 1, key: '', message: problem }] };
  const wrongCharacter = characterWrong(content);
  if (wrongCharacter) return { mistakes: [wrongCharacter] };
  const lines = new LineCounter();
  const document = parseDocument(content, {
    lineCounter: lines,
    prettyErrors: false,
    // Its own check compares every key with every other.
    uniqueKeys: false,
  });
  // What it only warns of is a tag that it does not know, and whose meaning it passes over.
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    const mistakes = problems.slice(0, mostMistakes).map(({ pos: [at], message }) => {
      const { line, col } = lines.linePos(at);
      return { line, column: col, key: '', message: `This is no YAML: ${message}.` };
    });
    return { mistakes };
  }
  if (document.directives?.yaml.version !== '1.2') {
    const message = 'The file must be YAML 1.2; leave out the line %YAML.';
    return { mistakes: [{ line: 1, column: 1, key: '', message }] };
  }
  const locate: Locate = ({ path, message, at }) => {
    const { line, col } = lines.linePos(at ?? offsetOf(document, path));
    return { line, column: col, key: keyOf(path), message };
  };
  const wrongKeys = keysWrong(document);
  const found: ReadOr<Place> = wrongKeys.length > 0 ? { places: wrongKeys } : placesIn(document);
  return 'rules' in found
    ? { ...found, locate }
    : { mistakes: found.places.slice(0, mostMistakes).map(locate) };
}

/** Why a text is not even parsed. Flow brackets and indentation bound how deep it can go. */
function refusal(content: string): string | null {
  const size = Buffer.byteLength(content);
  if (size > largest) return `The file has ${size} bytes; allowed are ${largest}.`;
  let open = 0;
  for (const character of content) {
    if (character === '[' || character === '{') open += 1;
    if (character === ']' || character === '}') open -= 1;
    if (open > deepest) return `The file nests deeper than ${deepest} levels.`;
  }
  for (const line of content.split('\n')) {
    const lead = /^[\s?:-]*/.exec(line)?.[0] ?? '';
    if (lead.length > deepest * 4) return `The file nests deeper than ${deepest} levels.`;
  }
  let tokens = 0;
  for (const _token of new Lexer().lex(content)) {
    tokens += 1;
    if (tokens > mostTokens) return `The file has more than ${mostTokens} YAML tokens.`;
  }
  return null;
}

/** The first character that YAML has no room for, or that stands for bytes that are no UTF-8. */
function characterWrong(content: string): Mistake | null {
  const at = content.search(/[^\t\r\n\x20-\x7e\x85\xa0-\ufffd]|\ufffd/);
  if (at < 0) return null;
  const before = content.slice(0, at).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const code = content.charCodeAt(at).toString(16).padStart(4, '0').toUpperCase();
  const message = `The character U+${code} cannot stand here; the file must be text in UTF-8.`;
  return { line: before.length, column, key: '', message };
}

/**
 * Keys that stand twice in one mapping, of which YAML itself would take the last; keys that are
 * no text; and the one that JavaScript's libraries pass over, since it is no property there.
 */
function keysWrong(document: ReturnType<typeof parseDocument>): Place[] {
  const places: Place[] = [];
  visit(document, {
    Map(_key, node) {
      const seen = new Set<unknown>();
      for (const { key } of node.items) {
        const at = (isNode(key) ? key.range : node.range)?.[0] ?? 0;
        if (!isScalar(key)) {
          places.push({ path: [], at, message: 'A key must be a text.' });
          continue;
        }
        const name = String(key.value);
        if (seen.has(name)) places.push({ path: [], at, message: `“${name}” stands here twice.` });
        if (name === '__proto__') places.push({ path: [], at, message: `“${name}” is no key.` });
        seen.add(name);
      }
    },
  });
  return places;
}

function placesIn(document: ReturnType<typeof parseDocument>): ReadOr<Place> {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    const message = `Its anchors and aliases cannot be followed: ${(error as Error).message}.`;
    return { places: [{ path: [], message }] };
  }
  const result = rulesSchema.safeParse(value);
  if (!result.success) return { places: placesOf(result.error.issues, allowedAt) };
  const places = namesWrong(result.data.images);
  const { images: rules, notify } = result.data;
  return places.length > 0 ? { places } : { rules, notify };
}

type ReadOr<T> = Written | { places: T[] };

/** Names tell the checks of several rules apart. */
function namesWrong(rules: WrittenRule[]): Place[] {
  if (rules.length === 1) return [];
  return rules.flatMap(({ name }, i): Place[] => {
    if (name === undefined) {
      return [{ path: ['images', i], message: 'It needs a name, as there are several images.' }];
    }
    const isTaken = rules.findIndex((other) => other.name === name) < i;
    return isTaken
      ? [{ path: ['images', i, 'name'], message: `Another image is called “${name}” already.` }]
      : [];
  });
}

/** The keys a mapping may have, for the sentence about one it may not. */
function allowedAt(path: PropertyKey[]): string[] {
  let schema: z.core.$ZodType | undefined = rulesSchema;
  for (const part of path) schema = schema && child(schema, part);
  const shape = schema && bare(schema)._zod.def;
  return shape && 'shape' in shape
    ? Object.keys(shape.shape as object)
    : Object.keys(ruleSchema.shape);
}

function child(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  const def = bare(schema)._zod.def as {
    shape?: Record<PropertyKey, z.core.$ZodType>;
    element?: z.core.$ZodType;
  };
  return def.shape ? def.shape[part] : def.element;
}

/** A schema without what makes it optional. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
  return innerType ? bare(innerType) : schema;
}

/** Where a value is written, or the nearest thing around it that is written. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true) as WrittenNode;
    const key = path[length - 1];
    const pair = parent?.items?.find((item) => item && 'key' in item && item.key?.value === key);
    const range =
      pair?.key?.range ?? (document.getIn(path.slice(0, length), true) as WrittenNode)?.range;
    if (range) return range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

type WrittenNode =
  | {
      range?: [number, number, number];
      items?: ({ key?: { value?: unknown; range?: [number, number, number] } } | null)[];
    }
  | undefined;
