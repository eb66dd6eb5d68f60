import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { checkRedis } from './check-redis.ts';
import { ConfigError } from './config.ts';
import type { RedisConnection } from './redis.ts';

/** How often Redis is looked at while the connection stays, in milliseconds. */
const interval = 60_000;

/** How long it is left alone after a question that it did not answer, in milliseconds. */
const retryPause = 500;

/**
 * Waits until Redis answers and shows that it can be the database. Throws a ConfigError if it
 * cannot. Looks again after every reconnection, which may lead to another server, and each minute,
 * for as long as the connection lives: what is wrong by then is only logged, since running builds
 * are better off with a Redis that may forget than with none.
 */
export async function untilRedisIsFit(redis: RedisConnection, log: Logger): Promise<void> {
  if (redis.status !== 'ready') log.info('Waiting for Redis to answer');
  let known: string[] = [];
  const look = async (): Promise<string | null> => {
    const { problem, warnings } = await checkRedis(redis);
    const news = warnings.filter((text) => !known.includes(text));
    for (const text of news) log.warn(text);
    const isNew = problem !== null && !known.includes(problem);
    known = problem === null ? warnings : [problem, ...warnings];
    return isNew ? problem : null;
  };
  const problem = await firstAnswer(look);
  if (problem !== null) throw new ConfigError(problem);
  const again = (): void => {
    look().then(
      (found) => found !== null && log.error(found),
      (error: Error) => log.debug(`Redis could not be looked at: ${error.message}`),
    );
  };
  redis.on('ready', again);
  const timer = setInterval(again, interval).unref();
  redis.once('end', () => clearInterval(timer));
}

/** The answer of the first time that Redis gives one. */
async function firstAnswer<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch {
      // The connection tells what ails it by its own errors, which are logged.
      await sleep(retryPause);
    }
  }
}
