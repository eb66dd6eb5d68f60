import { checkRedis } from '../../queue/check-redis.ts';
import { type Finding, good, warning, wrong } from '../../queue/finding.ts';
import type { RedisConnection } from '../../queue/redis.ts';

/**
 * Whether Redis answers and is a database. `lastError` is what its connection said last, which tells
 * more than that a command failed.
 */
export async function lookAtRedis(
  redis: RedisConnection,
  lastError: () => string | null,
): Promise<Finding[]> {
  try {
    const { problem, warnings } = await checkRedis(redis);
    if (problem !== null) return [wrong('Redis', problem, null)];
    if (warnings.length > 0) return warnings.map((text) => warning('Redis', text, null));
    return [good('Redis', 'It answers, keeps an append-only file and forgets nothing when full.')];
  } catch (error) {
    const why = lastError() ?? (error as Error).message;
    const todo =
      'Start Redis, or set REDIS_URL to where it is, with its user and password (docs/redis.md).';
    return [wrong('Redis', `It does not answer: ${why}.`, todo)];
  }
}
