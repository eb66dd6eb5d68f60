import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BuildFailed, EngineFailed } from '../../../worker/engine/build-errors.ts';
import { importBase, removeImages, tagsOf, tryBuild } from './real-engine.ts';

let base: string;

beforeAll(async () => {
  base = await importBase();
});

afterAll(async () => removeImages([base]));

test('a command that fails is named with its exit code, its lines and its last words', async () => {
  const { error, texts, tag } = await tryBuild(`# escape=\\
# The first stage.
ARG BASE=${base}
FROM \${BASE} AS build
LABEL a=b
WORKDIR /
ENV WHO=me \\
    # a comment inside a continuation

    NOT=you
RUN echo first
FROM \${BASE}
RUN for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21; do echo "n $i"; done \\
  # another one
  && echo last \\
  && exit 3
COPY --from=build /bin/sh /sh
`);
  expect(error).toBeInstanceOf(BuildFailed);
  const failed = error as BuildFailed;
  expect(failed.exitCode).toBe(3);
  expect([failed.line, failed.endLine]).toEqual([13, 16]);
  expect(failed.failedStep).toMatch(/^RUN for i in 1 2 .* && echo last && exit 3$/);
  expect(failed.message).toBe(`${failed.failedStep} failed: exit code 3`);
  expect(failed.lastLines).toHaveLength(20);
  expect(failed.lastLines.slice(-2)).toEqual(['n 21', 'last']);
  expect(texts.some((text) => /^#\d+ ERROR: .*exit code: 3$/.test(text))).toBe(true);
  expect(await tagsOf(tag)).toEqual([]);
});

test('of two equal commands in two stages the failed one is meant', async () => {
  const { error } = await tryBuild(
    `FROM ${base} AS a\nWORKDIR /a\nRUN cat x\nFROM ${base}\nCOPY x x\nRUN true\nRUN cat /a/x\n`,
    { files: { x: 'x' }, target: 'a' },
  );
  expect(error).toMatchObject({ failedStep: 'RUN cat x', exitCode: 1, line: 3, endLine: 3 });
});

test('words in a command do not decide whose fault it is', async () => {
  const { error } = await tryBuild(
    `FROM ${base}\nRUN echo "no space left on device: dial tcp: i/o timeout" && exit 7\n`,
  );
  expect(error).toBeInstanceOf(BuildFailed);
  expect(error).toMatchObject({ exitCode: 7, line: 2 });
});

describe('a Dockerfile that is wrong', () => {
  const cases: [string, string, string, number | null][] = [
    [
      'an unknown instruction',
      'FROM scratch\n\nRUNN x\n',
      'Line 3 of the Dockerfile: unknown instruction: RUNN',
      3,
    ],
    [
      'an unknown flag',
      'FROM scratch\nCOPY --bogus=1 a b\n',
      'Line 2 of the Dockerfile: Unknown flag: bogus',
      2,
    ],
    ['nothing in it', '', 'The Dockerfile cannot be built: the Dockerfile cannot be empty', null],
    [
      'a file that is not there',
      'FROM scratch\nCOPY none /\n',
      'COPY none / failed: failed to compute cache key: "/none" not found: not found',
      2,
    ],
  ];
  test.each(cases)('because of %s', async (_what, dockerfile, message, line) => {
    const { error } = await tryBuild(dockerfile);
    expect(error).toBeInstanceOf(BuildFailed);
    expect(error).toMatchObject({ message, line, exitCode: null });
  });

  test('because it is not in the context', async () => {
    const { error } = await tryBuild('FROM scratch\n', { dockerfile: 'sub/Dockerfile' });
    expect(error).toBeInstanceOf(BuildFailed);
    expect((error as Error).message).toBe('There is no sub/Dockerfile in this commit.');
  });

  test('because its target is not there', async () => {
    const { error } = await tryBuild('FROM scratch\nCOPY . .\n', { target: 'nope' });
    expect(error).toBeInstanceOf(BuildFailed);
    expect((error as Error).message).toMatch(/target stage nope could not be found/);
  });
});

describe('a frontend of somebody else', () => {
  const refused = [
    '# syntax=evil/frontend',
    '#syntax = docker/dockerfile.evil:1',
    '// syntax=evil',
    '#!/x\n# syntax=docker.io/evil',
    '# escape=`\n# SYNTAX=docker/dockerfile-upstream:master',
  ];
  test.each(refused)('is refused: %j', async (directive) => {
    const { error, lines } = await tryBuild(`${directive}\nFROM scratch\n`);
    expect(error).toBeInstanceOf(BuildFailed);
    expect((error as Error).message).toMatch(/only docker\/dockerfile is allowed here$/);
    expect(lines).toEqual([]);
  });

  test('is refused in a build argument too', async () => {
    const { error } = await tryBuild('FROM scratch\n', {
      buildArgs: { BUILDKIT_SYNTAX: 'evil/x' },
    });
    expect((error as Error).message).toMatch(/the frontend evil\/x, and only/);
  });

  test('is not what a comment after the directives is about', async () => {
    const { error } = await tryBuild(`FROM ${base}\n# syntax=evil\nRUN exit 4\n`);
    expect(error).toMatchObject({ exitCode: 4, line: 3 });
  });
});

describe('a base image', () => {
  /** A registry's answers to the look-up of an image; only what the Engine asks for. */
  async function withRegistry<T>(status: number, use: (host: string) => Promise<T>): Promise<T> {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/v2/' ? 200 : status;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await use(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test('that the registry does not have is the repository’s fault', async () => {
    const registry = process.env.SLIPWAY_TEST_REGISTRY!;
    const image = `${registry}/no/such:1`;
    const { error } = await tryBuild(`ARG TAG=1\n\nFROM ${registry}/no/such:\${TAG}\n`);
    expect(error).toBeInstanceOf(BuildFailed);
    expect((error as Error).message).toBe(`The base image ${image} (line 3) does not exist`);
    expect(error).toMatchObject({ line: 3, endLine: 3, failedStep: null });
  });

  test.each([401, 403])('that may not be pulled (%d) is the repository’s fault', async (status) => {
    const { error } = await withRegistry(status, (host) => tryBuild(`FROM ${host}/private\n`));
    expect(error).toBeInstanceOf(BuildFailed);
    expect((error as Error).message).toMatch(/does not exist or may not be pulled from here$/);
  });

  test.each([500, 503, 429])('whose registry answers %d is not', async (status) => {
    const { error } = await withRegistry(status, (host) => tryBuild(`FROM ${host}/x\n`));
    expect(error).toBeInstanceOf(EngineFailed);
    expect((error as Error).message).toMatch(/^The base image .* could not be fetched: /);
  });

  test.each(['127.0.0.1:9/x', 'registry.invalid/x'])(
    'on %s, which is away, is not',
    async (image) => {
      const { error } = await tryBuild(`FROM ${image}\n`);
      expect(error).toBeInstanceOf(EngineFailed);
    },
  );
});
