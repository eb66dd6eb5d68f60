import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ApiError } from './api-error.ts';

/** No request but GitHub's webhooks needs a larger body, in bytes. */
const maxBody = 64 * 1024;

/** Answers 413 to a larger body, of which no more than that is ever held. */
export const smallBodies = () => bodyLimit({ maxSize: maxBody, onError: tooLarge });

function tooLarge(c: Context): never {
  // The rest of the body is not read, so that nothing else can come on this connection.
  c.header('connection', 'close');
  throw new ApiError(413, 'too_large', 'The body is larger than 64 kB, which nothing here needs.');
}
