import { createServer, connect as openSocket, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BuildFailed, EngineFailed } from '../../../worker/engine/build-errors.ts';
import { buildImage } from '../../../worker/engine/build-image.ts';
import { connectEngine } from '../../../worker/engine/connect.ts';
import type { BuildContext } from '../../../worker/git/context.ts';
import { createMask } from '../../../worker/log/mask.ts';
import {
  contextOf,
  docker,
  importBase,
  processes,
  removeImages,
  tagsOf,
  tryBuild,
  uniqueName,
} from './real-engine.ts';

let base: string;
const made: string[] = [];

beforeAll(async () => {
  base = await importBase();
});

afterAll(async () => removeImages([...made, base]));

describe('a build that succeeds', () => {
  test('has an image with its labels and a log as docker writes it', async () => {
    const dockerfile = `FROM ${base}\nRUN echo out; echo err >&2\nCOPY a.txt /a.txt\n`;
    const built = await tryBuild(dockerfile, {
      files: { 'a.txt': uniqueName('content') },
      labels: { 'org.opencontainers.image.title': 'a "quoted" title' },
      noCache: true,
    });
    made.push(built.tag);

    expect(built.error).toBeUndefined();
    const inspected = await docker.getImage(built.tag).inspect();
    expect(built.image!.imageId).toBe(inspected.Id);
    expect(built.image!.size).toBe(inspected.Size);
    expect(inspected.Config.Labels).toEqual({
      'org.opencontainers.image.title': 'a "quoted" title',
    });

    const heading = built.texts.find((text) => text.endsWith('RUN echo out; echo err >&2'))!;
    const number = /^#(\d+) \[2\/3\] RUN/.exec(heading)![1];
    const ofRun = built.lines.filter(({ text }) => text.startsWith(`#${number} `));
    expect(ofRun.map(({ stream }) => stream).sort()).toEqual([
      'status',
      'status',
      'stderr',
      'stdout',
    ]);
    expect(ofRun.find(({ stream }) => stream === 'stdout')!.text).toMatch(/^#\d+ \d\.\d{3} out$/);
    expect(ofRun.find(({ stream }) => stream === 'stderr')!.text).toMatch(/^#\d+ \d\.\d{3} err$/);
    expect(ofRun.at(-1)!.text).toMatch(/^#\d+ DONE \d\.\ds$/);
  });

  test('comes from the cache the second time', async () => {
    const dockerfile = `FROM ${base}\nRUN echo ${uniqueName('x')}\nWORKDIR /${uniqueName('w')}\n`;
    const first = await tryBuild(dockerfile);
    const second = await tryBuild(dockerfile);
    made.push(first.tag, second.tag);

    expect(first.image).toMatchObject({ cached: 0, total: 2 });
    expect(second.image).toMatchObject({ cached: 2, total: 2, imageId: first.image!.imageId });
    expect(second.texts.filter((text) => / CACHED$/.test(text)).length).toBeGreaterThanOrEqual(2);
  });

  test('takes build arguments, a target and a Dockerfile of another name', async () => {
    const dockerfile = `FROM ${base} AS wanted\nARG WHO\nRUN echo "I am $WHO"\nFROM wanted\nRUN false\n`;
    const built = await tryBuild(dockerfile, {
      files: { 'docker/Image.txt': dockerfile, Dockerfile: 'RUNN\n' },
      dockerfile: 'docker/Image.txt',
      buildArgs: { WHO: 'nobody & co' },
      target: 'wanted',
      noCache: true,
    });
    made.push(built.tag);

    expect(built.error).toBeUndefined();
    expect(built.texts.filter((text) => text.endsWith(' I am nobody & co'))).toHaveLength(1);
  });
});

test('caches of RUN --mount=type=cache are their owner’s own', async () => {
  const id = uniqueName('cache');
  const mount = `--mount=type=cache,id=${id},target=/c`;
  const write = `FROM ${base}\nRUN ${mount} echo kept > /c/x\n`;
  const read = `FROM ${base}\nRUN ${mount} echo "there is $(cat /c/x 2>/dev/null)."\n`;
  const buildArgs = { BUILDKIT_CACHE_MOUNT_NS: 'mine' };
  made.push((await tryBuild(write, { mountScope: 'mine' })).tag);
  const own = await tryBuild(read, { mountScope: 'mine' });
  const other = await tryBuild(read, { mountScope: 'other', buildArgs });
  made.push(own.tag, other.tag);
  expect(own.texts.join('\n')).toContain('there is kept.');
  expect(other.texts.join('\n')).toContain('there is .');
});

test('a Dockerfile that copies nothing but .dockerignore gets it', async () => {
  const files = { '.dockerignore': 'x\n', x: uniqueName('x') };
  const built = await tryBuild(`FROM ${base}\nCOPY .dockerignore /y\nRUN cat /y\n`, { files });
  made.push(built.tag);
  expect(built.error).toBeUndefined();
  expect(built.texts.join('\n')).toMatch(/^#\d+ [\d.]+ x$/m);
});

test('a character that arrives in two pieces is whole, and a progress bar is its last state', async () => {
  const commands =
    "printf '\\303'; sleep 0.3; printf '\\251t\\303\\251\\n'; printf '1%%\\r50%%\\r99%%\\n'";
  const built = await tryBuild(`FROM ${base}\nRUN ${commands}; printf end\n`, { noCache: true });
  made.push(built.tag);
  const output = built.lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
  expect(output.map((text) => text.replace(/^#\d+ [\d.]+ /, ''))).toEqual(['été', '99%', 'end']);
});

test('a line of 100 kB without an end comes in pieces and loses nothing', async () => {
  const dockerfile = `FROM ${base}\nRUN yes äöü | head -n 15000 | tr -d '\\n'\n`;
  const built = await tryBuild(dockerfile, { noCache: true });
  made.push(built.tag);
  const pieces = built.lines
    .filter(({ stream }) => stream === 'stdout')
    .map(({ text }) => text.replace(/^#\d+ [\d.]+ /, ''));
  expect(pieces.join('')).toBe('äöü'.repeat(15000));
  expect(pieces.length).toBeGreaterThan(1);
  for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(16 * 1024);
});

test('an abort in the middle of a command ends it within two seconds', async () => {
  const seconds = `12345${process.pid}`;
  const running = async () => (await processes()).some((args) => args.includes(`sleep ${seconds}`));
  const stop = new AbortController();
  const reason = new Error('Cancelled by somebody');
  const building = tryBuild(`FROM ${base}\nRUN sleep ${seconds}\n`, { signal: stop.signal });
  while (!(await running())) await sleep(20);
  const before = Date.now();
  stop.abort(reason);
  const { error, tag } = await building;
  expect(error).toBe(reason);
  while ((await running()) && Date.now() - before < 5000) await sleep(20);
  expect(Date.now() - before).toBeLessThan(2000);
  expect(await tagsOf(tag)).toEqual([]);
});

test('a build that is aborted before it began sends nothing', async () => {
  const reason = new Error('too late');
  const { error, lines } = await tryBuild('FROM scratch\n', { signal: AbortSignal.abort(reason) });
  expect(error).toBe(reason);
  expect(lines).toEqual([]);
});

describe.each(['buildkit', 'classic'] as const)('a context that is not whole (%s)', (builder) => {
  const failing = async (read: BuildContext['tree']['read']) => {
    const context = await contextOf({ Dockerfile: `FROM ${base}\nCOPY . /\n`, 'a.txt': 'a' });
    return tryBuild('', { context: { ...context, tree: { ...context.tree, read } }, builder });
  };

  test('because reading it failed is the cause, and nothing is built', async () => {
    const failure = new Error('git ended with 128');
    const { error, tag } = await failing(async function* ({ path }) {
      if (path === 'a.txt') throw failure;
      yield Buffer.from(`FROM ${base}\nCOPY . /\n`);
    });
    expect(error).toBeInstanceOf(EngineFailed);
    expect(error).toMatchObject({
      cause: failure,
      message: 'The build context could not be read: git ended with 128',
    });
    expect(await tagsOf(tag)).toEqual([]);
  });
});

test('the classic builder makes the same image and log, and says what it is', async () => {
  const dockerfile = `FROM ${base}\nRUN echo I run; echo two lines\nCOPY a.txt /\n`;
  const files = { 'a.txt': uniqueName('a'), '.dockerignore': 'Dockerfile\n' };
  const built = await tryBuild(dockerfile, { files, builder: 'classic', labels: { a: 'b' } });
  made.push(built.tag);
  expect(built.error).toBeUndefined();
  expect(built.image).toMatchObject({ total: 2 });
  expect(built.texts[0]).toMatch(/^This Engine has no BuildKit: its classic builder is used/);
  expect(built.texts).toEqual(expect.arrayContaining(['I run', 'two lines']));
  expect((await docker.getImage(built.tag).inspect()).Config.Labels).toEqual({ a: 'b' });
});

test('the classic builder’s failures say which instruction, and leave no container', async () => {
  const before = await docker.listContainers({ all: true });
  const dockerfile = `FROM ${base}\nRUN echo nearly; exit 3\n`;
  const { error } = await tryBuild(dockerfile, { builder: 'classic' });
  expect(error).toBeInstanceOf(BuildFailed);
  expect((error as Error).message).toBe('RUN echo nearly; exit 3 failed: exit code 3');
  expect(error).toMatchObject({
    exitCode: 3,
    lastLines: ['nearly'],
  });
  expect(await docker.listContainers({ all: true })).toHaveLength(before.length);
  const secrets = new Map([['one', Buffer.from('value')]]);
  const refused = await tryBuild(dockerfile, { builder: 'classic', secrets });
  expect((refused.error as Error).message).toMatch(/has no BuildKit, without which/);
});

test('an Engine whose connection breaks in the middle of a command is the infrastructure', async () => {
  const open = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = openSocket(process.env.SLIPWAY_TEST_DOCKER_HOST!.replace('unix://', ''));
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) open.add(socket.on('error', () => {}));
  });
  const path = join(tmpdir(), `${uniqueName('proxy')}.sock`);
  await new Promise<void>((resolve) => proxy.listen(path, resolve));
  const building = buildImage(connectEngine({ DOCKER_HOST: `unix://${path}` }), 'buildkit', {
    context: await contextOf({ Dockerfile: `FROM ${base}\nRUN sleep 600\n` }),
    sharedKey: uniqueName('key'),
    labels: {},
    tag: uniqueName('never'),
    buildId: uniqueName('id'),
    signal: new AbortController().signal,
    mask: createMask(() => []),
    onLine: ({ text }) => {
      if (text.endsWith('RUN sleep 600')) for (const socket of open) socket.destroy();
    },
  });
  await expect(building).rejects.toThrow(EngineFailed);
  await new Promise((resolve) => proxy.close(resolve));
});

test('an Engine that is not there is the infrastructure', async () => {
  const nobody = connectEngine({ DOCKER_HOST: `unix://${join(tmpdir(), 'no-such.sock')}` });
  const building = buildImage(nobody, 'buildkit', {
    context: await contextOf({ Dockerfile: 'FROM scratch\n' }),
    sharedKey: uniqueName('key'),
    labels: {},
    tag: uniqueName('never'),
    buildId: uniqueName('id'),
    signal: new AbortController().signal,
    mask: createMask(() => []),
    onLine: () => {},
  });
  await expect(building).rejects.toThrow(/^The Docker Engine broke off the build: .*ENOENT/);
});
