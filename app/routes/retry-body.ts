import { z } from 'zod';
import { ApiError } from './api-error.ts';

const example = '{"cache": false}';

const bodySchema = z.strictObject(
  {
    cache: z
      .boolean({ error: ({ input }) => `cache must be true or false, not ${shown(input)}.` })
      .optional(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `${shown(issue.keys[0])} is no field here; allowed is cache.`
        : `The body must be an object such as ${example}, not ${shown(issue.input)}.`,
  },
);

/**
 * Reads the body of a request to build again; without one everything is as usual. Throws a 400 that
 * says what is wrong with it.
 */
export function readRetry(body: string): z.infer<typeof bodySchema> {
  if (body.trim() === '') return {};
  const result = bodySchema.safeParse(jsonOf(body));
  if (result.success) return result.data;
  throw new ApiError(400, 'bad_request', result.error.issues[0]?.message ?? '');
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError(400, 'bad_request', `The body must be JSON such as ${example}, or empty.`);
  }
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 100);
