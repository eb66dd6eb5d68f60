import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import type { Slipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';

const keys = keysUnder('slipway');

/**
 * Waits until it is known what became of these deliveries, by GUID, and answers the sentence on
 * each.
 */
export async function outcomesOf(
  { redisUrl }: Slipway,
  guids: string[],
  patience?: number,
): Promise<string[]> {
  const redis = new Redis(redisUrl);
  try {
    return await until(
      `${guids.length} deliveries are planned`,
      async () => {
        const pipeline = redis.pipeline();
        for (const guid of guids) pipeline.hget(keys.delivery(guid), 'outcome');
        const answers = ((await pipeline.exec()) ?? []).map(([, outcome]) => outcome as string);
        const areKnown = answers.every((outcome) => outcome && !/^Waiting/.test(outcome));
        return areKnown ? answers : undefined;
      },
      patience,
    );
  } finally {
    redis.disconnect();
  }
}
