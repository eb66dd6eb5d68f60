import { expect, test } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { freePort } from '../../bin/embedded/free-port.ts';
import { keysUnder } from '../../queue/keys.ts';
import { problemOf, writeProblem } from '../../queue/write-probe.ts';

test('of a Redis that is not there it is told that it does not answer, and not where it is', async () => {
  const port = await freePort();
  const keys = keysUnder('slipway');
  const alone = new Redis(port, '127.0.0.1', { retryStrategy: () => null });
  const cluster = new Cluster([{ host: '127.0.0.1', port }], { clusterRetryStrategy: () => null });
  cluster.on('error', () => {});
  alone.on('error', () => {});
  for (const redis of [alone, cluster]) {
    expect(await writeProblem({ redis, keys })).toBe('Redis does not answer.');
    redis.disconnect();
  }
});

test('of a Cluster that sends from node to node no node is named', () => {
  const error = new Error(
    'Too many Cluster redirections. Last error: ReplyError: MOVED 866 10.1.2.3:6379',
  );
  expect(problemOf(error)).toBe('Redis takes no writes (Too many Cluster redirections).');
});
