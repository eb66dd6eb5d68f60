/** Where Redis is and how it is entered, as REDIS_URL says it. */
export type RedisPlace = {
  /** One server, one whose address Sentinels know, or the nodes of a Cluster. */
  kind: 'server' | 'sentinel' | 'cluster';
  tls: boolean;
  /** The server; or Sentinels or nodes, of which one has to answer. */
  hosts: { host: string; port: number }[];
  /** An ACL user; without it a password is that of the user `default`. */
  username?: string;
  password?: string;
  /** The database's number; a Cluster has only 0. */
  db: number;
  /** What Sentinels call the group of servers; '' where there are none. */
  master: string;
  /** How Sentinels themselves are entered, where they ask for it. */
  sentinelUsername?: string;
  sentinelPassword?: string;
};

/** The forms of REDIS_URL, for messages; every one of them may begin with `rediss` for TLS. */
const forms =
  'give redis://[user:password@]host[:port][/database], ' +
  'redis+sentinel://[user:password@]host[:port],…/name[/database][?sentinelPassword=…] or ' +
  'redis+cluster://[user:password@]host[:port],…, each with rediss instead of redis for TLS';

/**
 * Reads a URL of Redis. Throws an Error that says what is wrong and what is allowed, as the end of
 * a sentence that begins with the variable's name; it holds no part of the URL but host and path.
 */
export function readRedisUrl(url: string): RedisPlace {
  const [, tls, kind = 'server', login, hosts = '', path = '', query = ''] =
    /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:(\S*)@)?([^\s@/?]+)\/?([^\s@?]*)(?:\?(\S*))?$/.exec(
      url,
    ) ?? wrong(`is not a Redis URL; ${forms}`);
  const place = { kind: kind as RedisPlace['kind'], tls: tls === 's', ...readLogin(login) };
  const port = kind === 'sentinel' ? 26_379 : 6_379;
  const all = hosts.split(',').map((host) => readHost(host, port));
  if (kind === 'server' && all.length > 1) wrong(`names several hosts, yet no kind; ${forms}`);
  return { ...place, hosts: all, ...readPath(kind, path), ...readQuery(kind, query) };
}

function readLogin(login: string | undefined) {
  if (login === undefined) return {};
  const [, username = '', password] = /^([^:]*)(?::(.*))?$/.exec(login) ?? [];
  return {
    ...(username !== '' && { username: decoded(username) }),
    ...(password !== undefined && { password: decoded(password) }),
  };
}

function readHost(text: string, usualPort: number) {
  const [, ip6, name, port = String(usualPort)] =
    /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = ip6 ?? name;
  if (host && Number(port) <= 65_535) return { host, port: Number(port) };
  return wrong(`has ${text || 'nothing'} where a host is wanted; ${forms}`);
}

function readPath(kind: string, path: string): Pick<RedisPlace, 'master' | 'db'> {
  const parts = path === '' ? [] : path.split('/');
  const master = kind === 'sentinel' ? decoded(parts.shift() ?? '') : '';
  if (kind === 'sentinel' && master === '') {
    wrong(`does not say what the Sentinels call the servers, e.g. /mymaster; ${forms}`);
  }
  const [db = '0', ...others] = parts;
  if (others.length > 0 || !/^\d{1,5}$/.test(db)) {
    wrong(`has ${parts.join('/')} where the number of a database is wanted; ${forms}`);
  }
  if (kind === 'cluster' && db !== '0') wrong('names a database, but a Cluster has only number 0');
  return { master, db: Number(db) };
}

/** Only what Sentinels are told stands behind a question mark. */
function readQuery(kind: string, query: string) {
  const given = Object.fromEntries(new URLSearchParams(query.replaceAll('+', '%2B')));
  const { sentinelUsername, sentinelPassword, ...others } = given;
  const unknown = kind === 'sentinel' ? Object.keys(others) : Object.keys(given);
  if (unknown.length > 0) wrong(`has ${unknown.join(', ')} after ?, which is not known; ${forms}`);
  return {
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return wrong(
      'has a % in its user, password or name that encodes nothing; write % itself as %25',
    );
  }
}

function wrong(message: string): never {
  throw new Error(message);
}
