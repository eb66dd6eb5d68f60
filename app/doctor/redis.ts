import { answerProblem } from '../../queue/answer-problem.ts';
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
  const silence = await answerProblem(redis, patience);
  if (silence !== null) return [silent(lastError() ?? silence)];
  try {
    const { problem, warnings } = await checkRedis(redis);
    const found = [
      ...(problem === null ? [] : [wrong('Redis', problem, null)]),
      ...warnings.map((text) => warning('Redis', text, null)),
    ];
    if (found.length > 0) return found;
    return [good('Redis', 'It answers, keeps an append-only file and forgets nothing when full.')];
  } catch (error) {
    return [silent(lastError() ?? (error as Error).message)];
  }
}

/** How long Redis may take to say a word, in milliseconds. */
const patience = 2_000;

const silent = (why: string): Finding =>
  wrong(
    'Redis',
    `It does not answer: ${why}.`,
    'Start Redis, or set REDIS_URL to where it is, with its user and password (docs/redis.md).',
  );
