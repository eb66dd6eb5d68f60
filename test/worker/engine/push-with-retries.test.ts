import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { PushInterrupted, PushRefused } from '../../../worker/engine/push-errors.ts';
import { pushWithRetries, type StubbornPush } from '../../../worker/engine/push-with-retries.ts';
import { credentialsFor } from '../../../worker/registry/credentials.ts';
import { docker, importBase, removeImages, uniqueName } from './real-engine.ts';
import { freePort, type OwnRegistry, startRegistry } from './real-registry.ts';

const login = { username: 'slipway', password: 'right: horse' };
const made: string[] = [];
let base: string;
let folder: string;
let registry: OwnRegistry | null = null;

beforeAll(async () => {
  base = await importBase();
  folder = await mkdtemp(join(tmpdir(), 'slipway-docker-config-'));
});

afterEach(async () => {
  await registry?.stop();
  registry = null;
});

afterAll(async () => {
  await removeImages([...made, base]);
  await rm(folder, { recursive: true });
});

function pushTo(host: string, more: Partial<StubbornPush> = {}) {
  const image = `${host}/${uniqueName('retry')}`;
  made.push(`${image}:main`);
  const texts: string[] = [];
  const pushing = pushWithRetries(docker, {
    imageId: base,
    image,
    tag: 'main',
    signal: new AbortController().signal,
    onLine: ({ text }) => void texts.push(text),
    stallTimeout: 20_000,
    credentials: async () => ({}),
    firstPause: 300,
    ...more,
  });
  return { pushing, texts };
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
