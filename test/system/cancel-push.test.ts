import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import Docker from 'dockerode';
import { atStep, cancel, completed, digestOf, ended, pushNew } from './builds.ts';
import { type SlowRegistry, startSlowRegistry } from './slow-registry.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

const behind = process.env.SLIPWAY_TEST_REGISTRY ?? '';
const { pathname: socketPath } = new URL(process.env.SLIPWAY_TEST_DOCKER_HOST ?? '');
let slipway: Slipway;
let registry: SlowRegistry;

beforeAll(async () => {
  registry = await startSlowRegistry(behind, 500_000);
  slipway = await startSlipway({ env: { REGISTRY: registry.host } });
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  await registry.stop();
  expect(violations).toEqual([]);
});

test('a build that is being pushed is cancelled, and nothing goes on pushing', async () => {
  const { sha } = await pushNew(slipway, 'pushing', 'head -c 20000000 /dev/urandom > /big');
  const build = await atStep(slipway, sha, 'push');
  await until('a layer is being sent', () => registry.uploads.size > 0);
  expect((await cancel(slipway, build)).status).toBe(202);
  expect(await ended(slipway, sha)).toMatchObject({
    state: 'cancelled',
    reason: 'Cancelled by request.',
    digest: null,
    attempt: 1,
  });
  expect(await completed(slipway, build.id)).toMatchObject({ conclusion: 'cancelled' });
  await until('the engine lets go', () => registry.uploads.size === 0, 10_000);
  expect(registry.requests.filter((line) => line.includes('/manifests/'))).toEqual([]);
  expect(await digestOf(`${behind}/acme/pushing`, sha)).toBeNull();
  const image = new Docker({ socketPath }).getImage(`${build.image}:${sha}`);
  await expect(image.inspect()).rejects.toMatchObject({ statusCode: 404 });
});
