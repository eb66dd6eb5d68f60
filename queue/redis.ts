import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { type RedisPlace, readRedisUrl } from './redis-url.ts';
import { resendRefused } from './resend-refused.ts';

/** A connection to Redis, wherever it runs. */
export type RedisConnection = Redis | Cluster;

/** How long somebody who waits for an answer waits for it, in milliseconds. */
const patience = 5_000;

/**
 * How long Redis may leave a command without an answer before the connection is given up, in
 * milliseconds: a NAT or a host that vanishes closes none. BullMQ's reads block for 10 s at most.
 */
const longestSilence = 15_000;

/**
 * A connection for short commands on behalf of somebody who waits for the answer: while Redis is
 * away a command fails within seconds instead of waiting in memory, where a crash would lose it.
 * `onError` hears each connection problem; ioredis reconnects by itself.
 */
export function connectForCommands(url: string, onError: (error: Error) => void): RedisConnection {
  return connect(url, onError, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: patience,
    socketTimeout: patience,
  });
}

/**
 * A connection for BullMQ's workers and anything else that should outlast an outage: commands wait
 * until Redis is back (https://docs.bullmq.io/guide/going-to-production#maxretriesperrequest) and
 * takes them. `onError` is told once, too, when Redis begins to refuse what is written.
 */
export function connectForWork(url: string, onError: (error: Error) => void): RedisConnection {
  const redis = connect(url, onError, {
    maxRetriesPerRequest: null,
    socketTimeout: longestSilence,
  });
  resendRefused(redis, onError);
  if (redis instanceof Redis) leaveDuplicatesToBullMq(redis);
  return redis;
}

/**
 * BullMQ blocks on duplicates, and gives those up by itself that block for too long. Were ioredis to
 * do so in the same moment, as after the machine slept, the worker would wait on it for ever.
 */
function leaveDuplicatesToBullMq(redis: Redis): void {
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (options) => duplicate({ ...options, socketTimeout: undefined });
}

function connect(
  url: string,
  onError: (error: Error) => void,
  { enableOfflineQueue = true, ...options }: RedisOptions,
): RedisConnection {
  const place = readRedisUrl(url);
  const common = { ...entry(place), ...options };
  const redis =
    place.kind === 'cluster'
      ? new Cluster(place.hosts, {
          enableOfflineQueue,
          clusterRetryStrategy: pauseBefore,
          // A certificate is for a name: ioredis would look the name up and go by the address.
          dnsLookup: (name, found) => found(null, name),
          redisOptions: common,
        })
      : new Redis({
          ...common,
          ...serverOf(place),
          enableOfflineQueue,
          // Commands of one turn of the event loop leave together: a burst of webhooks needs a third less.
          enableAutoPipelining: !enableOfflineQueue,
          retryStrategy: pauseBefore,
          // A server that was master until now: a new connection finds the one that is.
          reconnectOnError: ({ message }) => message.includes('READONLY'),
        });
  redis.on('error', onError);
  return redis;
}

/** The pause before each attempt to connect, in milliseconds. */
const pauseBefore = (times: number): number => Math.min(50 * 2 ** Math.min(times, 5), 1_000);

function entry({ tls, username, password }: RedisPlace): RedisOptions {
  return {
    // IPv4 and IPv6; ioredis alone would look for IPv4 only.
    family: 0,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
  };
}

function serverOf(place: RedisPlace): RedisOptions {
  const { kind, tls, hosts, db, master, sentinelUsername, sentinelPassword } = place;
  if (kind !== 'sentinel') return { ...hosts[0], db };
  return {
    sentinels: hosts,
    name: master,
    db,
    // A master that falls silent closes no connection; Sentinels tell that it is another's turn.
    failoverDetector: true,
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
  };
}
