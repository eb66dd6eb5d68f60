import { describe, expect, test } from '@jest/globals';
import { readRedisUrl } from '../../queue/redis-url.ts';

const plain = { kind: 'server', tls: false, db: 0, master: '' };
const host = (name: string, port: number) => ({ host: name, port });

describe('a URL of Redis', () => {
  test.each([
    ['redis://localhost', { ...plain, hosts: [host('localhost', 6379)] }],
    ['redis://10.0.0.5:7000/3', { ...plain, hosts: [host('10.0.0.5', 7000)], db: 3 }],
    ['redis://[::1]:7000/', { ...plain, hosts: [host('::1', 7000)] }],
    ['rediss://:p%40ss@r.example.com', secret({ tls: true, password: 'p@ss' })],
    ['redis://ann:a@b/c@r.example.com', secret({ username: 'ann', password: 'a@b/c' })],
    [
      'redis+sentinel://ann:pw@one,two:26380/mymaster/2?sentinelPassword=s+s%26',
      {
        ...plain,
        kind: 'sentinel',
        hosts: [host('one', 26379), host('two', 26380)],
        ...{ username: 'ann', password: 'pw', master: 'mymaster', db: 2, sentinelPassword: 's+s&' },
      },
    ],
    [
      'rediss+cluster://one:7000,two',
      { ...plain, kind: 'cluster', tls: true, hosts: [host('one', 7000), host('two', 6379)] },
    ],
  ])('%s is understood', (url, place) => {
    expect(readRedisUrl(url)).toEqual(place);
  });

  test.each([
    ['http://localhost:6379', 'is not a Redis URL; give redis://'],
    ['redis://', 'is not a Redis URL'],
    ['redis://hidden@one two', 'is not a Redis URL'],
    ['redis://one,two', 'names several hosts, yet no kind'],
    ['redis://:hidden@one:99999', 'has one:99999 where a host is wanted'],
    ['redis://:hidden@one/all', 'has all where the number of a database is wanted'],
    ['redis://:hid%den@one', 'write % itself as %25'],
    ['redis://:hidden@one?family=6', 'has family after ?, which is not known'],
    ['redis://:hidden@one?sentinelPassword=hidden', 'has sentinelPassword after ?'],
    ['redis+sentinel://:hidden@one', 'does not say what the Sentinels call the servers'],
    ['redis+cluster://:hidden@one/1', 'a Cluster has only number 0'],
  ])('%s is refused without showing its password', (url, message) => {
    expect(() => readRedisUrl(url)).toThrow(message);
    expect(() => readRedisUrl(url)).not.toThrow(/hid/);
  });
});

function secret(rest: object) {
  return { ...plain, hosts: [host('r.example.com', 6379)], ...rest };
}
