import { z } from 'zod';
import { states } from '../../queue/build.ts';
import { ApiError } from './api-error.ts';

const querySchema = z.object({
  repo: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, 'must be owner/name')
    .optional(),
  state: z.enum(states, `must be one of ${states.join(', ')}`).optional(),
  ref: z.string().min(1, 'must not be empty').max(1_024, 'is too long').optional(),
  sha: z
    .string()
    .regex(/^[0-9a-f]{4,40}$/, 'must be 4 to 40 hexadecimal digits')
    .optional(),
  limit: z.coerce
    .number('must be a number from 1 to 100')
    .int('must be a whole number from 1 to 100')
    .min(1, 'must be from 1 to 100')
    .max(100, 'must be from 1 to 100')
    .default(30),
  cursor: z
    .string()
    .transform((text) => Number(Buffer.from(text, 'base64url').toString()))
    .pipe(z.number().int().positive('is not one this API gave out'))
    .optional(),
});

/** What a list of builds is asked for; `cursor` is the `seq` it goes on below. */
export type BuildQuery = z.infer<typeof querySchema>;

/** Reads the query of a list of builds. Throws a 400 that names the parameter. */
export function readQuery(query: Record<string, string>): BuildQuery {
  const result = querySchema.safeParse(query);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]);
  const message = name === 'cursor' ? 'is not one this API gave out' : issue?.message;
  throw new ApiError(400, 'bad_request', `The parameter ${name} ${message}.`);
}

const lineNumber = z.coerce
  .number('must be the number of a line')
  .int('must be the number of a line')
  .min(0, 'must be the number of a line')
  .max(1e15, 'must be the number of a line');

const linesSchema = z.object({
  follow: z
    .string()
    .optional()
    .transform((text) => text === '1' || text === 'true'),
  after: lineNumber.default(0),
  until: lineNumber.nullable().default(null),
});

/** Reads which lines of a log are asked for. Throws a 400 that names the parameter. */
export function readLines(query: Record<string, string>): z.infer<typeof linesSchema> {
  const result = linesSchema.safeParse(query);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ApiError(
    400,
    'bad_request',
    `The parameter ${String(issue?.path[0])} ${issue?.message}.`,
  );
}

/** The number of the line that a page begins with; anything but a number is as good as the first. */
export const readLine = (text: string | undefined): number =>
  Math.max(1, lineNumber.catch(1).parse(text));

/** The cursor of the page that goes on below a `seq`; opaque to callers. */
export const cursorAt = (seq: number | null): string | null =>
  seq === null ? null : Buffer.from(String(seq)).toString('base64url');
