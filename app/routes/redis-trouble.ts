import { setTimeout as sleep } from 'node:timers/promises';
import type { MiddlewareHandler } from 'hono';
import { answerProblem } from '../../queue/answer-problem.ts';
import type { Store } from '../../queue/build-store.ts';
import { isRefusal } from '../../queue/resend-refused.ts';
import { ApiError } from './api-error.ts';

/** After so long without an answer it is asked whether Redis is what it waits for, in milliseconds. */
const suspicious = 3_000;

/** How long Redis may take to say a word, in milliseconds. */
const patience = 1_000;

/**
 * Whoever waits for a Redis that hangs is told so before they give up. What goes well costs no
 * question, and one that waits for GitHub is left to wait.
 */
export const unlessRedisHangs =
  (deps: { store: Store }): MiddlewareHandler =>
  async (_c, next) => {
    const ended = new AbortController();
    const served = next().finally(() => ended.abort());
    const hangs = sleep(suspicious, undefined, { ref: false, signal: ended.signal })
      .then(() => answerProblem(deps.store.redis, patience))
      .catch(() => null)
      .then((problem) => {
        if (problem !== null) throw silent;
        return served;
      });
    await Promise.race([served, hangs]);
  };

/** What a failure is told as if Redis is why; null if it is not. */
export async function redisTrouble({ redis }: Store, error: Error): Promise<ApiError | null> {
  if (isRefusal(error)) return refusing;
  return (await answerProblem(redis, patience)) === null ? null : silent;
}

const silent = new ApiError(
  503,
  'unavailable',
  'Redis does not answer, and without it nothing can be told or done. Try again in a moment; whoever runs this service has to look at its Redis.',
);

const refusing = new ApiError(
  503,
  'unavailable',
  'Redis takes no writes. Try again in a moment; whoever runs this service has to look at its Redis.',
);
