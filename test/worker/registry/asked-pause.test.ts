import { afterEach, expect, test } from '@jest/globals';
import { askedPause } from '../../../worker/registry/asked-pause.ts';
import { registryClient } from '../../../worker/registry/registry-client.ts';
import { freePort } from '../engine/real-registry.ts';
import { endServers, serve } from './serve.ts';

const client = registryClient({ credentials: async () => ({}), timeoutMs: 20_000 });
const { signal } = new AbortController();

afterEach(endServers);

test.each([
  [429, { 'retry-after': '7' }, 7000],
  [503, { 'retry-after': '7' }, 7000],
  [429, {}, null],
  [500, { 'retry-after': '7' }, null],
  [404, { 'retry-after': '7' }, null],
])('an answer %d %j asks for %j', async (status, headers, expected) => {
  const host = await serve((_, response) => response.writeHead(status, headers).end());
  expect(await askedPause(client, `${host}/x`, 'main', signal)).toBe(expected);
});

test('a registry that works, or is away, asks for nothing', async () => {
  const registry = process.env.SLIPWAY_TEST_REGISTRY!;
  expect(await askedPause(client, `${registry}/x`, 'main', signal)).toBeNull();
  expect(await askedPause(client, `127.0.0.1:${await freePort()}/x`, 'main', signal)).toBeNull();
});

test('silence is waited for five seconds, and an abort ends it', async () => {
  const host = await serve(() => {});
  const before = Date.now();
  expect(await askedPause(client, `${host}/x`, 'main', signal)).toBeNull();
  expect(Date.now() - before).toBeGreaterThan(4900);
  expect(Date.now() - before).toBeLessThan(7000);
  const reason = new Error('Cancelled by somebody');
  const asking = askedPause(client, `${host}/x`, 'main', AbortSignal.abort(reason));
  await expect(asking).rejects.toBe(reason);
});
