import { Redis, type RedisOptions } from 'ioredis';

/**
 * A connection for short commands on behalf of somebody who waits for the answer: while Redis is
 * away a command fails within seconds instead of waiting in memory, where a crash would lose it.
 * `onError` hears each connection problem; ioredis reconnects by itself.
 */
export function connectForCommands(url: string, onError: (error: Error) => void): Redis {
  return connect(url, onError, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 5_000,
    // Commands of one turn of the event loop leave together: a burst of webhooks needs a third less.
    enableAutoPipelining: true,
  });
}

/**
 * A connection for BullMQ's workers and anything else that should outlast an outage: commands wait
 * until Redis is back (https://docs.bullmq.io/guide/going-to-production#maxretriesperrequest).
 */
export function connectForWork(url: string, onError: (error: Error) => void): Redis {
  return connect(url, onError, { maxRetriesPerRequest: null });
}

function connect(url: string, onError: (error: Error) => void, options: RedisOptions): Redis {
  const redis = new Redis(url, {
    ...options,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 1_000),
  });
  redis.on('error', onError);
  return redis;
}
