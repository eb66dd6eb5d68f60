import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisConnection } from './redis.ts';

/**
 * Null when Redis answers a question at this moment, else why it is taken not to: a server that
 * hangs closes no connection. Never throws, and takes `patience` milliseconds at most.
 */
export async function answerProblem(
  redis: RedisConnection,
  patience: number,
): Promise<string | null> {
  const late = `no word from it within ${patience / 1_000} s`;
  const answered = redis.ping().then(
    () => null,
    ({ message }: Error) => message.replace(/\.$/, ''),
  );
  return Promise.race([answered, sleep(patience, late, { ref: false })]);
}
