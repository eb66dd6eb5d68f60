import { isScalar, Lexer, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { keyOf, type Mistake, type Place, placesOf } from './mistakes.ts';
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
const mostMistakes = 20;

/** A rules file that holds, or everything that is wrong with it. */
export type ReadRules = { rules: WrittenRule[] } | { mistakes: Mistake[] };

/** Reads a rules file's text. Never throws, and takes well under a second whatever the text. */
export function readRules(content: string): ReadRules {
  const problem = refusal(content);
  if (problem) return { mistakes: [{ line: 1, column: 1, key: '', message: problem }] };
  const lines = new LineCounter();
  const document = parseDocument(content, {
    lineCounter: lines,
    prettyErrors: false,
    // Its own check compares every key with every other.
    uniqueKeys: false,
  });
  if (document.errors.length > 0) {
    const mistakes = document.errors.slice(0, mostMistakes).map(({ pos: [at], message }) => {
      const { line, col } = lines.linePos(at);
      return { line, column: col, key: '', message: `This is no YAML: ${message}.` };
    });
    return { mistakes };
  }
  const locate = ({ path, message, at }: Place): Mistake => {
    const { line, col } = lines.linePos(at ?? offsetOf(document, path));
    return { line, column: col, key: keyOf(path), message };
  };
  const doubles = doubleKeys(document);
  const found: ReadOr<Place> = doubles.length > 0 ? { places: doubles } : placesIn(document);
  return 'rules' in found ? found : { mistakes: found.places.slice(0, mostMistakes).map(locate) };
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

/** Keys that stand twice in one mapping, of which YAML itself would take the last. */
function doubleKeys(document: ReturnType<typeof parseDocument>): Place[] {
  const places: Place[] = [];
  visit(document, {
    Map(_key, node) {
      const seen = new Set<unknown>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && key.range) {
          places.push({ path: [], at: key.range[0], message: `“${key.value}” stands here twice.` });
        }
        seen.add(key.value);
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
  return places.length > 0 ? { places } : { rules: result.data.images };
}

type ReadOr<T> = { rules: WrittenRule[] } | { places: T[] };

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
    const parent = document.getIn(path.slice(0, length - 1), true) as Written;
    const key = path[length - 1];
    const pair = parent?.items?.find((item) => item && 'key' in item && item.key?.value === key);
    const range =
      pair?.key?.range ?? (document.getIn(path.slice(0, length), true) as Written)?.range;
    if (range) return range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

type Written =
  | {
      range?: [number, number, number];
      items?: ({ key?: { value?: unknown; range?: [number, number, number] } } | null)[];
    }
  | undefined;
