import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { confirmDigest } from '../../../worker/engine/confirm-digest.ts';
import { PushInterrupted, PushRefused } from '../../../worker/engine/push-errors.ts';
import { pushWithRetries, type StubbornPush } from '../../../worker/engine/push-with-retries.ts';
import { askedPause } from '../../../worker/registry/asked-pause.ts';
import { credentialsFor } from '../../../worker/registry/credentials.ts';
import { manifestDigest } from '../../../worker/registry/manifests.ts';
import { registryClient } from '../../../worker/registry/registry-client.ts';
import { type FaultyRegistry, startFaultyRegistry } from './faulty-registry.ts';
import { docker, importBase, removeImages, uniqueName } from './real-engine.ts';
import { freePort, type OwnRegistry, startRegistry } from './real-registry.ts';

const login = { username: 'slipway', password: 'right: horse' };
const made: string[] = [];
let base: string;
let folder: string;
let registry: OwnRegistry | null = null;
let proxy: FaultyRegistry | null = null;

beforeAll(async () => {
  base = await importBase();
  folder = await mkdtemp(join(tmpdir(), 'slipway-docker-config-'));
});

afterEach(async () => {
  await proxy?.stop();
  await registry?.stop();
  proxy = null;
  registry = null;
});

afterAll(async () => {
  await removeImages([...made, base]);
  await rm(folder, { recursive: true });
});

function pushTo(host: string, more: Partial<StubbornPush> = {}) {
  const image = `${host}/${uniqueName('retry')}`;
  const credentials = more.credentials ?? (async () => ({}));
  const client = registryClient({ credentials });
  made.push(`${image}:main`);
  const texts: string[] = [];
  const pushing = pushWithRetries(docker, {
    imageId: base,
    image,
    tag: 'main',
    signal: new AbortController().signal,
    onLine: ({ text }) => void texts.push(text),
    stallTimeout: 20_000,
    credentials,
    confirm: (digest, signal) => {
      const onNote = (text: string) => void texts.push(text);
      return confirmDigest(client, { image, tag: 'main', digest, onNote }, signal);
    },
    askedPause: (signal) => askedPause(client, image, 'main', signal),
    firstPause: 300,
    ...more,
  });
  return { pushing, texts, image };
}

const loggedIn = (host: string, password: string): Promise<void> => {
  const auth = Buffer.from(`${login.username}:${password}`).toString('base64');
  return writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
};

test('a registry that comes back gets the image', async () => {
  const port = await freePort();
  const { pushing, texts } = pushTo(`127.0.0.1:${port}`);
  while (texts.length < 2) await sleep(20);
  registry = await startRegistry(port);
  expect((await pushing).digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(texts[0]).toMatch(
    /^The registry did not take the push \(.*connection refused\); trying again in 0\.[23] s$/,
  );
  expect(texts[1]).toMatch(/trying again in 0\.[456] s$/);
});

test('a registry that stays away is given up', async () => {
  const { pushing, texts } = pushTo(`127.0.0.1:${await freePort()}`, { giveUpAfter: 500 });
  await expect(pushing).rejects.toThrow(PushInterrupted);
  expect(texts).toHaveLength(1);
});

test('an abort ends the pause between two tries', async () => {
  const stop = new AbortController();
  const reason = new Error('Cancelled by somebody');
  const { pushing, texts } = pushTo(`127.0.0.1:${await freePort()}`, {
    signal: stop.signal,
    firstPause: 60_000,
  });
  pushing.catch(() => {});
  while (texts.length < 1) await sleep(20);
  stop.abort(reason);
  await expect(pushing).rejects.toBe(reason);
});

test('a wrong password is refused after one more try, the right one is taken', async () => {
  registry = await startRegistry(await freePort(), login);
  const { host } = registry;
  let asked = 0;
  const credentials = () => {
    asked += 1;
    return credentialsFor(host, folder, {});
  };

  await loggedIn(host, 'wrong');
  const { pushing: refused, texts } = pushTo(host, { credentials });
  await expect(refused).rejects.toThrow(PushRefused);
  expect(asked).toBe(2);
  expect(texts).toHaveLength(1);

  await loggedIn(host, login.password);
  expect((await pushTo(host, { credentials }).pushing).digest).toMatch(/^sha256:/);
});

test('a password that is put right between two tries is used', async () => {
  registry = await startRegistry(await freePort(), login);
  const { host } = registry;
  await loggedIn(host, 'expired');
  const { pushing } = pushTo(host, {
    credentials: () => credentialsFor(host, folder, {}),
    onLine: async ({ text }) => {
      if (text.includes('trying again')) await loggedIn(host, login.password);
    },
  });
  expect((await pushing).digest).toMatch(/^sha256:/);
});

const isManifest = (request: { url?: string }) => request.url!.includes('/manifests/');
const isManifestPut = (request: { url?: string; method?: string }) =>
  isManifest(request) && request.method === 'PUT';

test('a registry that asks to be left alone for a while is', async () => {
  let firstAsked = 0;
  proxy = await startFaultyRegistry(process.env.SLIPWAY_TEST_REGISTRY!, (request, response) => {
    if (!isManifest(request)) return false;
    firstAsked ||= Date.now();
    if (Date.now() - firstAsked >= 2000) return false;
    response.writeHead(429, { 'retry-after': '2' }).end();
    return true;
  });
  const { pushing, texts } = pushTo(proxy.host);
  expect((await pushing).digest).toMatch(/^sha256:/);
  const retries = texts.filter((text) => text.includes('trying again'));
  expect(retries).toHaveLength(1);
  expect(retries[0]).toMatch(/trying again in [23] s \(the registry asks for 2 s\)$/);
  expect(Date.now() - firstAsked).toBeGreaterThanOrEqual(2000);
});

test('a registry that asks for more time than there is gets one last try at its end', async () => {
  proxy = await startFaultyRegistry(process.env.SLIPWAY_TEST_REGISTRY!, (request, response) => {
    if (isManifest(request)) response.writeHead(503, { 'retry-after': '3600' }).end();
    return isManifest(request);
  });
  const before = Date.now();
  const { pushing, texts } = pushTo(proxy.host, { giveUpAfter: 2000 });
  await expect(pushing).rejects.toThrow(PushInterrupted);
  expect(Date.now() - before).toBeLessThan(6000);
  const retries = texts.filter((text) => text.includes('trying again'));
  expect(retries).toHaveLength(1);
  expect(retries[0]).toMatch(/trying again in [12] s \(the registry asks for 300 s\)$/);
});

test('a push that is acknowledged and lost is tried again', async () => {
  let lost = 0;
  proxy = await startFaultyRegistry(process.env.SLIPWAY_TEST_REGISTRY!, (request, response) => {
    if (!isManifestPut(request) || lost > 0) return false;
    lost += 1;
    const hash = createHash('sha256');
    request
      .on('data', (chunk) => hash.update(chunk))
      .on('end', () => {
        response.setHeader('docker-content-digest', `sha256:${hash.digest('hex')}`);
        response.writeHead(201).end();
      });
    return true;
  });
  const { pushing, texts, image } = pushTo(proxy.host);
  const { digest } = await pushing;
  expect(lost).toBe(1);
  expect(texts.filter((text) => text.includes('trying again'))).toEqual([
    expect.stringMatching(/:main is not there after a push of sha256:.*; trying again in/),
  ]);
  const client = registryClient({ credentials: async () => ({}) });
  expect(await manifestDigest(client, image, 'main', new AbortController().signal)).toBe(digest);
});

test('a registry that must not be read is believed, and the log says so', async () => {
  proxy = await startFaultyRegistry(process.env.SLIPWAY_TEST_REGISTRY!, (request, response) => {
    const isRead = isManifest(request) && request.headers['user-agent'] === 'slipway';
    if (isRead) response.writeHead(403).end();
    return isRead;
  });
  const { pushing, texts } = pushTo(proxy.host);
  expect((await pushing).digest).toMatch(/^sha256:/);
  expect(texts.at(-1)).toMatch(/could not be confirmed \(.* 403 Forbidden\)$/);
});
