import { beforeAll, describe, expect, test } from '@jest/globals';
import { imageConfig } from '../../../worker/registry/image-config.ts';
import { registryClient } from '../../../worker/registry/registry-client.ts';
import { uniqueName } from '../engine/real-engine.ts';
import { type PlantedImage, plantImage, plantIndex } from './plant-image.ts';

const registry = process.env.SLIPWAY_TEST_REGISTRY!;
const client = registryClient({ credentials: async () => ({}) });
const { signal } = new AbortController();
const path = `${uniqueName('configs')}/base`;

const plant = (trigger: string) =>
  plantImage(registry, path, 'x', { config: { OnBuild: [trigger] } });
const onBuildOf = async ({ image, digest }: PlantedImage, platform = 'linux/amd64') =>
  (await imageConfig(client, image, digest, platform, signal))?.config?.OnBuild ?? null;

test('an image’s own configuration is read, whatever it is for', async () => {
  const planted = await plant('RUN one');
  expect(await onBuildOf(planted)).toEqual(['RUN one']);
  expect(await onBuildOf(planted, 'linux/s390x')).toEqual(['RUN one']);
  expect(await onBuildOf(await plantImage(registry, path, 'x'))).toBeNull();
});

test('there is none of an image that is not there', async () => {
  const { image } = await plant('RUN one');
  const digest = `sha256:${'0'.repeat(64)}`;
  expect(await imageConfig(client, image, digest, 'linux/amd64', signal)).toBeNull();
});

describe('of an index', () => {
  let index: PlantedImage;

  beforeAll(async () => {
    const of = async (architecture: string, variant?: string) => ({
      ...(await plant(`RUN ${architecture}${variant ?? ''}`)),
      platform: { os: 'linux', architecture, ...(variant && { variant }) },
    });
    const attestation = { ...(await plant('RUN none')), platform: { os: 'unknown' } };
    const images = [attestation, await of('arm', 'v6'), await of('arm', 'v7'), await of('amd64')];
    index = await plantIndex(registry, path, 'index', [...images, await of('arm64', 'v8')]);
  });

  test.each([
    ['linux/amd64', ['RUN amd64']],
    ['linux/arm/v7', ['RUN armv7']],
    ['linux/arm64', ['RUN arm64v8']],
    ['linux/arm64/v8', ['RUN arm64v8']],
    ['linux/s390x', null],
    ['windows/amd64', null],
    ['linux/arm/v5', null],
  ])('the one for %s', async (platform, expected) => {
    expect(await onBuildOf(index, platform)).toEqual(expected);
  });
});
