import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type BaseLookup,
  baseMemory,
  lookUpBases,
  mayTakeMore,
} from '../../../worker/reuse/base-images.ts';
import { docker, importBase, removeImages, tryBuild, uniqueName } from '../engine/real-engine.ts';
import { freePort, startRegistry } from '../engine/real-registry.ts';
import { plantImage } from '../registry/plant-image.ts';
import { endServers, serve } from '../registry/serve.ts';

/** What stands for an image of the Engine: a hash of its layers and configuration. */
const content = expect.stringMatching(/^[0-9a-f]{64}$/);
const registry = process.env.SLIPWAY_TEST_REGISTRY!;
const path = `${uniqueName('bases')}/base`;
const made: string[] = [];
let base: string;
let withTrigger: string;

beforeAll(async () => {
  base = await importBase();
  const built = await tryBuild(`FROM ${base}\nONBUILD COPY . /x\n`);
  expect(built.error).toBeUndefined();
  withTrigger = built.tag;
  made.push(base, withTrigger);
});
afterAll(() => removeImages(made));
afterEach(endServers);

const lookup = (more: Partial<BaseLookup> = {}): BaseLookup => ({
  ...{ docker, credentials: async () => ({}), memory: baseMemory(), platform: 'linux/amd64' },
  signal: new AbortController().signal,
  ...more,
});
const lookUp = (dockerfile: string, more: Partial<BaseLookup> = {}) =>
  lookUpBases(lookup(more), dockerfile, {});
const plant = (tag: string, onBuild: string[] = []) =>
  plantImage(registry, path, tag, { config: { OnBuild: onBuild } });

/** Gives an image of the Engine the name that one in the registry has. */
async function alsoInEngine(image: string, tag: string): Promise<void> {
  const repo = `${registry}/${path}`;
  await docker.getImage(image).tag({ repo, tag });
  made.push(`${repo}:${tag}`);
}

describe('a base image', () => {
  test('in the registry is known by its digest, by a tag or as it is', async () => {
    const { image, digest } = await plant('one');
    for (const name of [`${image}:one`, `${image}@${digest}`]) {
      expect(await lookUp(`FROM ${name}\n`)).toEqual({ ids: { [name]: digest }, pull: false });
    }
  });

  test('in the Engine alone is known by what it holds', async () => {
    const memory = baseMemory();
    memory.silent.set('docker.io', true);
    const name = `docker.io/library/${base}:latest`;
    const expected = { ids: { [name]: content }, pull: false };
    expect(await lookUp(`FROM ${base}\n`, { memory })).toEqual(expected);
  });

  test('that the Engine has from the registry is the registry’s', async () => {
    const name = `${registry}/base/busybox:1`;
    const found = await lookUp(`FROM ${name}\n`);
    const { RepoDigests } = await docker.getImage(name).inspect();
    const digest = RepoDigests.find((one) => one.startsWith(`${registry}/base/`))?.split('@')[1];
    expect(found).toEqual({ ids: { [name]: digest }, pull: true });
  });

  test('that the registry has newer is the registry’s, if all can be had there', async () => {
    const { image, digest } = await plant('newer');
    await alsoInEngine(base, 'newer');
    const name = `${image}:newer`;
    expect(await lookUp(`FROM ${name}\n`)).toEqual({ ids: { [name]: digest }, pull: true });
    const memory = baseMemory();
    memory.silent.set('docker.io', true);
    const both = await lookUp(`FROM ${name}\nCOPY --from=${base} /bin /b\n`, { memory });
    const held = expect.stringMatching(new RegExp(`^[0-9a-f]{64} ${digest}$`));
    const ids = { [name]: held, [`docker.io/library/${base}:latest`]: content };
    expect(both).toEqual({ ids, pull: false });
  });

  test.each(['FROM scratch\n', 'FROM scratch AS a\nFROM a\nCOPY --from=0 /x /x\n'])(
    'is none in %j',
    async (text) => {
      expect(await lookUp(text)).toEqual({ ids: {}, pull: false });
    },
  );
});

describe('more images than the Dockerfile names may be taken', () => {
  const more = (dockerfile: string) => mayTakeMore(lookup(), dockerfile, {});

  test.each([
    ['COPY --from in ONBUILD', 'COPY --from=r.example/victim/x / /', true],
    ['a mount in ONBUILD', 'RUN --mount=type=bind,from=r.example/victim/x,target=/x y', true],
    ['ONBUILD of the context', 'COPY . /x', false],
  ])('%s', async (what, trigger, expected) => {
    const { image } = await plant(what.replaceAll(' ', '-'), [trigger]);
    expect(await more(`FROM ${image}:${what.replaceAll(' ', '-')}\n`)).toBe(expected);
  });

  test('in doubt only: a base image that is nowhere', async () => {
    const { image } = await plant('plain');
    expect(await more(`FROM ${image}:plain\n`)).toBe(false);
    expect(await more(`FROM ${image}:plain\nFROM ${image}:nowhere\n`)).toBe(true);
  });
});

describe('nothing is known', () => {
  test('of a base image with ONBUILD, wherever it is', async () => {
    const { image } = await plant('trigger', ['COPY . /x']);
    expect(await lookUp(`FROM ${image}:trigger\n`)).toBeNull();
    expect(await lookUp(`FROM ${withTrigger}\n`)).toBeNull();
    await plant('own-trigger');
    await alsoInEngine(withTrigger, 'own-trigger');
    expect(await lookUp(`FROM ${image}:own-trigger\n`)).toBeNull();
    await alsoInEngine(base, 'trigger');
    expect(await lookUp(`FROM ${image}:trigger\n`)).toBeNull();
  });

  test('of one that is nowhere, while another can be told', async () => {
    const { image } = await plant('there');
    expect(await lookUp(`FROM ${image}:there\nCOPY --from=${image}:not /x /x\n`)).toBeNull();
  });

  test('of what is no name of an image, and its host is asked again', async () => {
    const memory = baseMemory();
    for (const name of ['Upper', `${registry}/Upper/Case`, `${registry}/a:b:c`, 'a@sha256:1'])
      expect(await lookUp(`FROM ${name}\n`, { memory })).toBeNull();
    expect(memory.silent.has(registry)).toBe(false);
  });

  test('from a host that does not answer, which is not waited for again', async () => {
    let times = 0;
    const host = await serve(() => {
      times += 1;
    });
    const memory = baseMemory();
    expect(await lookUp(`FROM ${host}/x\n`, { memory })).toBeNull();
    const before = Date.now();
    expect(await lookUp(`FROM ${host}/x\n`, { memory })).toBeNull();
    expect(Date.now() - before).toBeLessThan(1_000);
    expect(times).toBe(1);
    expect(memory.silent.has(host)).toBe(true);
  });

  test('once nobody waits for it any more', async () => {
    const host = await serve(() => {});
    const reason = new Error('Cancelled by somebody');
    const signal = AbortSignal.abort(reason);
    await expect(lookUp(`FROM ${host}/x\n`, { signal })).rejects.toBe(reason);
  });
});

test('a registry with a password is asked with the credentials for it alone', async () => {
  const login = { username: 'slipway', password: 'horse' };
  const guarded = await startRegistry(await freePort(), login);
  try {
    const asked: string[] = [];
    const credentials = async (host: string) => {
      asked.push(host);
      return host === guarded.host ? login : {};
    };
    const memory = baseMemory();
    const name = `${guarded.host}/x:1`;
    await docker.getImage(base).tag({ repo: `${guarded.host}/x`, tag: '1' });
    made.push(name);
    const pushed = await docker
      .getImage(name)
      .push({ authconfig: { ...login, serveraddress: guarded.host } });
    await new Promise((resolve) => docker.modem.followProgress(pushed, resolve));
    const { RepoDigests } = await docker.getImage(name).inspect();
    const digest = RepoDigests.find((one) => one.startsWith(guarded.host))?.split('@')[1];
    const found = await lookUp(`FROM ${name}\n`, { credentials, memory });
    expect(digest).toMatch(/^sha256:/);
    expect(found).toEqual({ ids: { [name]: digest }, pull: true });
    expect(new Set(asked)).toEqual(new Set([guarded.host]));
    expect(await lookUp(`FROM ${name}\n`)).toEqual({ ids: { [name]: content }, pull: false });
  } finally {
    await guarded.stop();
  }
});
