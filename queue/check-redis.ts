import type { Socket } from 'node:net';
import { Cluster, type Redis } from 'ioredis';
import type { RedisConnection } from './redis.ts';

/** What a look at a Redis found, in sentences. */
export type RedisFindings = {
  /** Why it cannot be the database; null if it can. */
  problem: string | null;
  /** What it may lose, or why that could not be found out. */
  warnings: string[];
};

/** The oldest that knows GETEX and GETDEL, and that BullMQ recommends. */
const oldest = [6, 2] as const;

/**
 * Looks whether Redis is a database: new enough, refusing writes rather than forgetting builds when
 * its memory is full, and writing down what it was told. In a Cluster every master is looked at.
 * Throws if Redis does not answer.
 */
export async function checkRedis(redis: RedisConnection): Promise<RedisFindings> {
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const all = await Promise.all(servers.map(checkServer));
  return {
    problem: all.find(({ problem }) => problem !== null)?.problem ?? null,
    warnings: [...new Set(all.flatMap(({ warnings }) => warnings))],
  };
}

async function checkServer(redis: Redis): Promise<RedisFindings> {
  const client = clientOf(redis);
  const version = await inInfo(redis, 'server', 'redis_version');
  const policy =
    (await setting(redis, 'maxmemory-policy')) ??
    (await inInfo(redis, 'memory', 'maxmemory_policy'));
  const file =
    (await setting(redis, 'appendonly')) ?? (await inInfo(redis, 'persistence', 'aof_enabled'));
  const unknown = [
    ...(version === null ? ['its version'] : []),
    ...(policy === null ? ['its maxmemory-policy'] : []),
    ...(file === null ? ['whether it keeps an append-only file'] : []),
  ];
  return {
    problem: versionProblem(version) ?? policyProblem(policy, client),
    warnings: [
      ...(file === 'no' || file === '0' ? [noFile(client)] : []),
      ...(unknown.length > 0
        ? [
            `Redis does not let Slipway see ${unknown.join(', ')}; see to it yourself (docs/redis.md).`,
          ]
        : []),
    ],
  };
}

function versionProblem(version: string | null): string | null {
  const [major = 0, minor = 0] = (version ?? oldest.join('.')).split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return null;
  return `Redis ${version} is too old: Slipway needs ${oldest.join('.')} or later.`;
}

function policyProblem(policy: string | null, client: string): string | null {
  if (policy === null || policy === 'noeviction') return null;
  return (
    `Redis has maxmemory-policy ${policy}, with which it forgets builds when its memory is full: ` +
    `set it to noeviction, with ${client} CONFIG SET maxmemory-policy noeviction ` +
    'and in its configuration file.'
  );
}

const noFile = (client: string): string =>
  'Redis keeps no append-only file (appendonly no), so that builds are lost when it stops: turn it ' +
  `on with ${client} CONFIG SET appendonly yes and in its configuration file.`;

/** The command that enters this server, for a shell; redis-cli asks for the password itself. */
function clientOf({ options, stream }: Redis): string {
  const { tls, username, password } = options;
  // Which server it is behind Sentinels only the connection knows.
  const { remoteAddress, remotePort } = (stream ?? {}) as Partial<Socket>;
  const [host, port] = options.sentinels
    ? [remoteAddress, remotePort]
    : [options.host, options.port];
  return [
    `redis-cli -h ${host} -p ${port}`,
    ...(tls ? ['--tls'] : []),
    ...(typeof username !== 'string' ? [] : [`--user ${username}`]),
    ...(typeof password !== 'string' ? [] : ['--askpass']),
  ].join(' ');
}

/** A setting; null where a managed Redis or an ACL does not let us see it. */
const setting = (redis: Redis, name: string): Promise<string | null> =>
  orNull(async () => ((await redis.config('GET', name)) as string[])[1] ?? null);

/** A line of INFO; null where there is none, or an ACL does not let us see it. */
const inInfo = (redis: Redis, section: string, name: string): Promise<string | null> =>
  orNull(async () => {
    const text = await redis.info(section);
    return new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1] ?? null;
  });

/** What is answered, or null if that is forbidden or not known here. */
async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (/^(NOPERM|ERR)\b/.test((error as Error).message)) return null;
    throw error;
  }
}
