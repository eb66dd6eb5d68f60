import { afterEach, expect, test } from '@jest/globals';
import { confirmDigest } from '../../../worker/engine/confirm-digest.ts';
import { PushInterrupted } from '../../../worker/engine/push-errors.ts';
import { registryClient } from '../../../worker/registry/registry-client.ts';
import { plantImage } from '../registry/plant-image.ts';
import { endServers, serve } from '../registry/serve.ts';
import { uniqueName } from './real-engine.ts';

const registry = process.env.SLIPWAY_TEST_REGISTRY!;
const client = registryClient({ credentials: async () => ({}) });
const { signal } = new AbortController();

afterEach(endServers);

async function confirm(image: string, tag: string, digest: string): Promise<string[]> {
  const notes: string[] = [];
  const onNote = (text: string) => void notes.push(text);
  await confirmDigest(client, { image, tag, digest, onNote }, signal);
  return notes;
}

test('a tag shows what was pushed, or the push counts as interrupted', async () => {
  const path = uniqueName('confirm');
  const { image, digest } = await plantImage(registry, path, 'main');
  const other = await plantImage(registry, path, 'other');
  expect(await confirm(image, 'main', digest)).toEqual([]);

  const moved = confirm(image, 'other', digest);
  await expect(moved).rejects.toThrow(PushInterrupted);
  await expect(moved).rejects.toThrow(
    `${image}:other shows ${other.digest} after a push of ${digest}`,
  );
  const absent = confirm(image, 'none', digest);
  await expect(absent).rejects.toThrow(PushInterrupted);
  await expect(absent).rejects.toThrow(`${image}:none is not there after a push of ${digest}`);
});

test('a registry that does not answer interrupts, one that refuses to is believed', async () => {
  const busy = await serve((_, response) => response.writeHead(503).end());
  const interrupted = confirm(`${busy}/x`, 'main', 'sha256:x');
  await expect(interrupted).rejects.toThrow(PushInterrupted);
  await expect(interrupted).rejects.toThrow(
    /could not be confirmed \(.* 503 Service Unavailable\)$/,
  );

  const refusing = await serve((_, response) => response.writeHead(403).end());
  expect(await confirm(`${refusing}/x`, 'main', 'sha256:x')).toEqual([
    expect.stringMatching(/could not be confirmed \(.* 403 Forbidden\)$/),
  ]);
});

test('credentials that cannot be read are not the registry’s fault', async () => {
  const host = await serve((_, response) =>
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
  );
  const reason = new Error('The keychain is locked');
  const locked = registryClient({ credentials: () => Promise.reject(reason) });
  const pushed = { image: `${host}/x`, tag: 'main', digest: 'sha256:x', onNote: () => {} };
  await expect(confirmDigest(locked, pushed, signal)).rejects.toBe(reason);
});
