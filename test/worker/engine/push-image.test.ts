import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EngineLine } from '../../../worker/engine/plain-progress.ts';
import { PushInterrupted, PushRefused } from '../../../worker/engine/push-errors.ts';
import { type PushRequest, pushImage, removeImage } from '../../../worker/engine/push-image.ts';
import { docker, importBase, removeImages, tagsOf, tryBuild, uniqueName } from './real-engine.ts';
import { freePort } from './real-registry.ts';

const registry = process.env.SLIPWAY_TEST_REGISTRY!;
const made: string[] = [];
const servers: Server[] = [];
let base: string;
let imageId: string;

beforeAll(async () => {
  base = await importBase();
  const built = await tryBuild(`FROM ${base}\nRUN echo ${uniqueName('content')} > /file\n`);
  made.push(built.tag);
  imageId = built.image!.imageId;
});

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await removeImages([...made, base]);
});

async function push(more: Partial<PushRequest> & { image: string }) {
  const lines: EngineLine[] = [];
  const request = {
    imageId,
    tag: 'main',
    auth: {},
    signal: new AbortController().signal,
    onLine: (line: EngineLine) => void lines.push(line),
    stallTimeout: 30_000,
    ...more,
  };
  made.push(`${request.image}:${request.tag}`);
  const { digest } = await pushImage(docker, request);
  return { digest, texts: lines.map(({ text }) => text) };
}

test('what is pushed is in the registry, under the digest the registry has', async () => {
  const repository = uniqueName('push');
  const image = `${registry}/${repository}`;
  const pushed = await push({ image });
  const manifest = await fetch(`http://${registry}/v2/${repository}/manifests/main`, {
    method: 'HEAD',
    headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
  });
  expect(manifest.status).toBe(200);
  expect(pushed.digest).toBe(manifest.headers.get('docker-content-digest'));
  expect(pushed.texts.at(-1)).toMatch(new RegExp(`^main: digest: ${pushed.digest} size: \\d+$`));
  expect(pushed.texts.slice(0, -1)).toHaveLength(2);
  for (const line of pushed.texts.slice(0, -1)) expect(line).toMatch(/^[0-9a-f]{12}: /);

  const again = await push({ image, tag: 'other' });
  expect(again.digest).toBe(pushed.digest);
  expect(again.texts.slice(0, -1).every((line) => line.endsWith(': Layer already exists'))).toBe(
    true,
  );
});

describe('an image that the Engine does not have', () => {
  test('is refused, and nothing is tried', async () => {
    const image = `${registry}/${uniqueName('none')}`;
    await expect(push({ image, imageId: uniqueName('none') })).rejects.toThrow(PushRefused);
    await expect(push({ image, imageId: undefined as never })).rejects.toThrow(/does not exist/);
  });

  test.each(['reg/a?tag=b', 'reg', 'reg/../x y'])('has no name like %j', async (image) => {
    const pushing = push({ image });
    made.pop();
    await expect(pushing).rejects.toThrow(/is not a name an image can have$/);
  });
});

describe('a registry that does not work', () => {
  /** A registry that treats every request like this; the failures a real one cannot be asked for. */
  async function registryThat(answer: Parameters<typeof createServer>[1]): Promise<string> {
    const server = createServer(answer!);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('because it is down, interrupts', async () => {
    const pushing = push({ image: `127.0.0.1:${await freePort()}/x` });
    await expect(pushing).rejects.toThrow(PushInterrupted);
    await expect(pushing).rejects.toThrow(/connection refused/);
  });

  test('because it says nothing, interrupts after the stall time', async () => {
    const host = await registryThat(() => {});
    const before = Date.now();
    const pushing = push({ image: `${host}/x`, stallTimeout: 1500 });
    await expect(pushing).rejects.toThrow(PushInterrupted);
    await expect(pushing).rejects.toThrow('Nothing was heard of the push for 2 s');
    expect(Date.now() - before).toBeLessThan(4000);
  });

  test('because it says nothing, is left at once on an abort', async () => {
    const host = await registryThat(() => {});
    const stop = new AbortController();
    const reason = new Error('Cancelled by somebody');
    setTimeout(() => stop.abort(reason), 500);
    await expect(push({ image: `${host}/x`, signal: stop.signal })).rejects.toBe(reason);
  });

  test('because it denies, refuses in its own words', async () => {
    const host = await registryThat((request, response) => {
      response.statusCode = request.url === '/v2/' ? 200 : 403;
      const errors = [{ code: 'DENIED', message: 'the quota is used up' }];
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ errors }));
    });
    const pushing = push({ image: `${host}/x` });
    await expect(pushing).rejects.toThrow(PushRefused);
    await expect(pushing).rejects.toThrow(/denied: the quota is used up/);
  });
});

describe('removing an image', () => {
  test('takes the name away and leaves the build cache', async () => {
    const dockerfile = `FROM ${base}\nRUN echo ${uniqueName('kept')}\n`;
    const { tag } = await tryBuild(dockerfile);
    await removeImage(docker, tag);
    expect(await tagsOf(tag)).toEqual([]);
    const again = await tryBuild(dockerfile);
    made.push(again.tag);
    expect(again.image).toMatchObject({ cached: 1, total: 1 });
  });

  test('that is not there, or in use, is nothing', async () => {
    await removeImage(docker, uniqueName('none'));
    const { tag } = await tryBuild(`FROM ${base}\nCMD ["true"]\nLABEL x=${uniqueName('used')}\n`);
    const container = await docker.createContainer({ Image: tag });
    await removeImage(docker, tag);
    expect(await tagsOf(tag)).toEqual([tag]);
    await container.remove();
    await removeImage(docker, tag);
    expect(await tagsOf(tag)).toEqual([]);
  });
});
