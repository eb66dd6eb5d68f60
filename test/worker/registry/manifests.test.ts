import { afterEach, describe, expect, test } from '@jest/globals';
import { getManifest, manifestDigest, putManifest } from '../../../worker/registry/manifests.ts';
import { registryClient } from '../../../worker/registry/registry-client.ts';
import { RegistryError } from '../../../worker/registry/registry-error.ts';
import { tagManifest } from '../../../worker/registry/tag-manifest.ts';
import { startFaultyRegistry } from '../engine/faulty-registry.ts';
import { uniqueName } from '../engine/real-engine.ts';
import { digestOf, plantImage } from './plant-image.ts';
import { endServers, serve } from './serve.ts';

const registry = process.env.SLIPWAY_TEST_REGISTRY!;
const client = registryClient({ credentials: async () => ({}) });
const { signal } = new AbortController();
const nowhere = `sha256:${'0'.repeat(64)}`;

afterEach(endServers);

const plant = () => plantImage(registry, `${uniqueName('manifests')}/web`, 'main');
const thrownBy = (asking: Promise<unknown>): Promise<RegistryError> =>
  asking.then(
    () => Promise.reject(new Error('Nothing was thrown')),
    (error) => error,
  );

describe('a real registry', () => {
  test('tells the digest of a tag and of a digest, and null for what it has not', async () => {
    const { image, digest } = await plant();
    expect(await manifestDigest(client, image, 'main', signal)).toBe(digest);
    expect(await manifestDigest(client, image, digest, signal)).toBe(digest);
    expect(await manifestDigest(client, image, 'other', signal)).toBeNull();
    expect(await manifestDigest(client, image, nowhere, signal)).toBeNull();
    expect(await manifestDigest(client, `${registry}/nobody/nothing`, 'a', signal)).toBeNull();
  });

  test('gives the manifest byte for byte', async () => {
    const { image, digest, mediaType, body } = await plant();
    const expected = { digest, mediaType, body };
    expect(await getManifest(client, image, 'main', signal)).toEqual(expected);
    expect(await getManifest(client, image, digest, signal)).toEqual(expected);
    expect(await getManifest(client, image, 'other', signal)).toBeNull();
  });

  test('takes a manifest under a tag', async () => {
    const { image, ...manifest } = await plant();
    const { digest } = await putManifest(client, image, 'v1.0', manifest, signal);
    expect(digest).toBe(manifest.digest);
    expect(await manifestDigest(client, image, 'v1.0', signal)).toBe(digest);
  });

  test('refuses a manifest of what it has not, in its own words', async () => {
    const { image, mediaType } = await plant();
    const { image: other, body } = await plant();
    expect(other).not.toBe(image);
    const put = putManifest(client, image, 'x', { mediaType, body }, signal);
    expect(await thrownBy(put)).toMatchObject({
      status: 400,
      isFinal: true,
      message: expect.stringMatching(/ answers PUT \/v2\/.* with 400 Bad Request: blob unknown/),
    });
  });

  test('gives an image many tags, also those that showed another', async () => {
    const { image, digest } = await plant();
    const path = image.slice(registry.length + 1);
    const newer = await plantImage(registry, path, 'latest');
    await tagManifest(client, image, digest, ['latest', 'v1', 'v1.0'], signal);
    for (const tag of ['latest', 'v1', 'v1.0'])
      expect(await manifestDigest(client, image, tag, signal)).toBe(digest);
    expect(await manifestDigest(client, image, newer.digest, signal)).toBe(newer.digest);
  });

  test('has nothing to tag', async () => {
    const { image } = await plant();
    const tagging = tagManifest(client, image, nowhere, ['v1'], signal);
    await expect(tagging).rejects.toThrow(`The registry has no ${image}@${nowhere}`);
    expect(await thrownBy(tagging)).toMatchObject({ status: 404, isFinal: true });
  });
});

test('a tag that was acknowledged and not given is an error, and worth another try', async () => {
  const { image, digest } = await plant();
  const proxy = await startFaultyRegistry(registry, (request, response) => {
    const isLost = request.method === 'PUT' && request.url!.endsWith('/v2');
    if (isLost) request.resume().on('end', () => response.writeHead(201).end());
    return isLost;
  });
  try {
    const there = image.replace(registry, proxy.host);
    const tagging = tagManifest(client, there, digest, ['v1', 'v2'], signal);
    await expect(tagging).rejects.toThrow(`${there}:v2 shows nothing instead of ${digest}`);
    expect(await thrownBy(tagging)).toMatchObject({ status: null, isFinal: false });
  } finally {
    await proxy.stop();
  }
});

describe('a registry that is wrong about a digest', () => {
  const body = Buffer.from('{"schemaVersion":2}');
  const type = 'application/vnd.oci.image.index.v1+json; charset=utf-8';
  const answers = (headers: Record<string, string>) =>
    serve((request, response) => {
      request.resume();
      response.writeHead(request.method === 'PUT' ? 201 : 200, {
        'content-type': type,
        ...headers,
      });
      response.end(body);
    });

  test('because it says none is no problem', async () => {
    const host = await answers({});
    expect(await manifestDigest(client, `${host}/x`, 'main', signal)).toBe(digestOf(body));
    expect(await getManifest(client, `${host}/x`, 'main', signal)).toEqual({
      digest: digestOf(body),
      mediaType: 'application/vnd.oci.image.index.v1+json',
      body,
    });
  });

  test('because it says another one is not believed', async () => {
    const host = await answers({ 'docker-content-digest': nowhere });
    const wrong = `sent ${digestOf(body)} for ${host}/x (main), which should be ${nowhere}`;
    await expect(getManifest(client, `${host}/x`, 'main', signal)).rejects.toThrow(wrong);
    const put = putManifest(client, `${host}/x`, 'main', { mediaType: type, body }, signal);
    await expect(put).rejects.toThrow(`took ${digestOf(body)} for ${host}/x:main as ${nowhere}`);
  });

  test('because it sends something else than asked for is not believed', async () => {
    const host = await answers({});
    await expect(getManifest(client, `${host}/x`, nowhere, signal)).rejects.toThrow(RegistryError);
    const page = await answers({ 'content-type': 'text/html' });
    await expect(getManifest(client, `${page}/x`, 'main', signal)).rejects.toThrow(
      `The registry sent no image manifest for ${page}/x (main)`,
    );
  });
});

test.each([
  ['reg/../x', 'main'],
  ['reg/a?tag=b', 'main'],
  ['reg', 'main'],
  ['/x', 'main'],
  ['reg/Upper', 'main'],
  ['reg@evil/x', 'main'],
  ['reg:99999/x', 'main'],
  ['reg/x', '../x'],
  ['reg/x', ''],
  ['reg/x', 'a b'],
  ['reg/x', 'sha256:beef'],
])('%s:%s is no image, and no registry is asked', async (image, reference) => {
  const error = await thrownBy(manifestDigest(client, image, reference, signal));
  expect(error).toMatchObject({ isFinal: true, message: expect.stringMatching(/can have$/) });
});
