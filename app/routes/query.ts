import { z } from 'zod';
import { states } from '../../queue/build.ts';
import type { ImagePlace } from '../images/list-images.ts';
import { readParameters } from './api-input.ts';

/** Up to 15 digits, which JavaScript holds exactly. */
const isDigits = (text: string): boolean => /^\d{1,15}$/.test(text);

/** A number in decimal digits and nothing else: `0x10`, `1e2` and ` 10` are mistakes. */
const digits = (wrong: string) => z.string().refine(isDigits, wrong).transform(Number);

const pageLimit = digits('must be a number from 1 to 100')
  .pipe(z.number().min(1, 'must be from 1 to 100').max(100, 'must be from 1 to 100'))
  .default(30)
  .meta({
    description: 'How many there are on a page at most, 30 unless told.',
    ...{ type: 'integer', minimum: 1, maximum: 100 },
  });

const strange = 'must be one that this API gave out';
const position = z.int(strange).min(0, strange);
const seq = z.int(strange).positive(strange);

/** NaN, which is no `seq` and no position, for all but digits. */
const numberIn = (text: string): number => (isDigits(text) ? Number(text) : Number.NaN);

/** A text of ours in a form that callers take as it is. */
const opaque = z
  .string()
  .max(100, strange)
  .transform((text) => Buffer.from(text, 'base64url').toString())
  .meta({ description: 'What the page before gave out as `cursor`.' });

const ref = z
  .string()
  .min(1, 'must not be empty')
  .max(1_024, 'must have 1,024 characters at most')
  .optional()
  .meta({ description: 'A branch or git tag, by its name or in full.' });

const name = z
  .string()
  .max(100, 'must have 100 characters at most')
  .optional()
  .meta({ description: 'The name of a rule.' });

/** What a list of builds may be asked for. */
export const buildQuerySchema = z.object({
  repo: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, 'must be owner/name')
    .optional()
    .meta({ description: 'Builds of this repository only, `owner/name`.', example: 'acme/web' }),
  state: z.enum(states, `must be one of ${states.join(', ')}`).optional(),
  ref,
  sha: z
    .string()
    .regex(/^[0-9a-f]{4,40}$/, 'must be 4 to 40 hexadecimal digits')
    .optional()
    .meta({ description: 'A commit’s id or its beginning.' }),
  name,
  q: z
    .string()
    .min(1, 'must not be empty')
    .max(200, 'must have 200 characters at most')
    .optional()
    .meta({
      description:
        'Text in the commit’s message, author or id, or in the ref, in upper or lower case.',
    }),
  limit: pageLimit,
  cursor: opaque.transform(numberIn).pipe(seq).optional(),
});

/** What a list of builds is asked for; `cursor` is the `seq` it goes on below. */
export type BuildQuery = z.infer<typeof buildQuerySchema>;

/** Reads the query of a list of builds. Throws a 400 that names the parameter. */
export const readQuery = (query: Record<string, string>): BuildQuery =>
  readParameters(buildQuerySchema, query);

const lineNumber = digits('must be the number of a line').meta({
  ...{ type: 'integer', minimum: 0, maximum: 999_999_999_999_999 },
});

/** Which lines of a log may be asked for. */
export const linesQuerySchema = z.object({
  follow: z
    .enum(['0', '1', 'false', 'true'], 'must be 1 or 0')
    .optional()
    .transform((text) => text === '1' || text === 'true')
    .meta({ description: '`1` keeps the answer open until the build ends.' }),
  download: z
    .enum(['0', '1', 'false', 'true'], 'must be 1 or 0')
    .optional()
    .transform((text) => text === '1' || text === 'true')
    .meta({ description: '`1` has a browser save it as a file.' }),
  after: lineNumber.default(0).meta({ description: 'Only lines after this one; all unless told.' }),
  until: lineNumber
    .optional()
    .transform((line) => line ?? null)
    .meta({ description: 'Only lines up to this one.' }),
});

/** Where the events of a build go on. */
export const eventsQuerySchema = z.object({
  after: z
    .string()
    .regex(/^(end-)?\d{1,15}$/, 'must be the id of an event')
    .optional()
    .meta({ description: 'As `Last-Event-ID`, for those who cannot send one.' }),
});

/** What a list of images may be asked for. */
export const imagesQuerySchema = z.object({
  limit: pageLimit,
  cursor: opaque
    .transform((text) => text.split('-').map(numberIn))
    .pipe(z.tuple([seq, position], strange))
    .transform(([seq, at]): ImagePlace => ({ seq, at }))
    .optional(),
});

/** Which builds a badge may tell of. */
export const badgeQuerySchema = z.object({ ref, name });

/** The number of the line that a page begins with; anything but a number is as good as the first. */
export const readLine = (text: string | undefined): number =>
  Math.max(1, lineNumber.catch(1).parse(text));

/** The cursor of the page that goes on below a `seq`; opaque to callers. */
export const cursorAt = (seq: number | null): string | null =>
  seq === null ? null : opaqueOf(String(seq));

/** The cursor of the page that goes on behind a place in a list of images. */
export const imageCursor = (place: ImagePlace | null): string | null =>
  place && opaqueOf(`${place.seq}-${place.at}`);

const opaqueOf = (text: string): string => Buffer.from(text).toString('base64url');
