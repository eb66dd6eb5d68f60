// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the language that is tested
import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BuildFailed } from '../../../worker/engine/build-errors.ts';
import { containerOptions } from '../../../worker/test/container-options.ts';
import { readCompose, recipeOf } from '../../../worker/test/read-compose.ts';

let tree: string;
beforeAll(async () => {
  tree = await realpath(await mkdtemp(join(tmpdir(), 'slipway-compose-')));
});
afterAll(async () => rm(tree, { recursive: true }));

async function read(text: string) {
  await writeFile(join(tree, 'compose.yml'), text);
  return readCompose(tree, 'compose.yml', { SOURCE_COMMIT: 'abc' });
}

/** A file whose service `sut` has these lines beside its image. */
const sut = (...lines: string[]) =>
  ['services:', '  sut:', '    image: x', ...lines.map((line) => `    ${line}`), ''].join('\n');

test('only what sut needs is started, each after what it needs', async () => {
  const { services } = await read(`services:
  other: { image: x }
  db: { image: x }
  cache: { image: x, depends_on: { db: { condition: service_healthy } } }
  sut: { build: ., links: ["cache:redis"], depends_on: [db] }
`);
  expect(services.map(([name]) => name)).toEqual(['db', 'cache', 'sut']);
});

test('a service becomes what the Engine takes', async () => {
  const { services } = await read(
    sut(
      'command: sh -c "echo  $$HOME; exit 0"',
      'entrypoint: []',
      'environment: ["A=1=2", "FROM_THE_MACHINE", "C=$SOURCE_COMMIT"]',
      'working_dir: /app',
      'user: 1000',
      'tmpfs: /run',
      'volumes: ["data:/data", "/cache"]',
      'healthcheck: { test: "true", interval: 1m30s, timeout: 500ms, retries: 3 }',
      'ports: ["80:80"]',
    ),
  );
  const [, service] = services[0]!;
  const options = containerOptions(service, {
    ...{ project: 'p', name: 'sut', image: 'i', aliases: ['me'] },
  });
  expect(options).toEqual({
    name: 'p-sut',
    Image: 'i',
    Cmd: ['sh', '-c', 'echo  $HOME; exit 0'],
    Entrypoint: [],
    Env: ['A=1=2', 'C=abc'],
    WorkingDir: '/app',
    User: '1000',
    Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 9e10, Timeout: 5e8, Retries: 3 },
    HostConfig: {
      NetworkMode: 'p',
      Tmpfs: { '/run': '' },
      Mounts: [
        { Type: 'volume', Target: '/data', Source: 'p-data' },
        { Type: 'volume', Target: '/cache', Source: '' },
      ],
    },
    NetworkingConfig: { EndpointsConfig: { p: { Aliases: ['sut', 'me'] } } },
  });
});

test('paths of a build count from the file’s folder', () => {
  const stage = { dockerfile: 'Dockerfile', target: null, args: {} };
  expect(recipeOf('.', { context: '.' })).toEqual({ ...stage, context: '.' });
  expect(recipeOf('test', { context: '../' })).toEqual({ ...stage, context: '.' });
  expect(recipeOf('test', { context: './db/' })).toEqual({ ...stage, context: 'test/db' });
});

describe('what cannot be is told with its place', () => {
  test.each([
    ['services: { web: { image: x } }', 'has no service sut'],
    [sut('privileged: true'), 'services.sut has privileged, which a test cannot use'],
    [sut('network_mode: host'), 'network_mode'],
    [sut('cap_add: [SYS_ADMIN]'), 'cap_add'],
    [sut('devices: ["/dev/kmsg:/dev/kmsg"]'), 'devices'],
    [sut('pid: host'), 'pid'],
    [sut('volumes: ["/:/host"]'), 'services.sut.volumes.0: must be a volume'],
    [sut('volumes: ["./x:/x"]'), 'must be a volume'],
    [sut('volumes: ["/var/run/docker.sock:/var/run/docker.sock"]'), 'must be a volume'],
    [sut('volumes: [{ type: bind, source: /, target: /host }]'), 'services.sut.volumes.0'],
    [sut('depends_on: [db]'), 'has no service db, which sut needs'],
    [sut('depends_on: [sut]'), 'wait for each other: sut, sut'],
    [sut('depends_on: [constructor]'), 'has no service constructor'],
    [sut('environment: { A: "${B:?must be}" }'), '$B is not there: must be'],
    ['services: { sut: { command: x } }', 'services.sut has neither build nor image'],
    ['services: { sut: { image: "../../x" } }', 'must be the name of an image'],
    ['services: { sut: { image: "x?y#z" } }', 'must be the name of an image'],
    ['services: [', 'cannot be read'],
    ['', 'compose.yml'],
    [`a: &a [x,x,x,x,x,x,x,x,x]\n${bomb()}`, 'cannot be read'],
    [`services:\n  sut: { image: x }\n#${'x'.repeat(70_000)}`, 'larger than 64 KiB'],
    [
      `services:\n  sut: { image: x, depends_on: [${Array.from({ length: 16 }, (_, n) => `s${n}`)}] }\n${Array.from({ length: 16 }, (_, n) => `  s${n}: { image: x }`).join('\n')}`,
      'starts 17 services; 16 is the most',
    ],
  ])('%#', async (text, message) => {
    const reading = read(text);
    await expect(reading).rejects.toThrow(BuildFailed);
    await expect(reading).rejects.toThrow(message);
  });

  test('a file that is not there, or is a link out of the repository', async () => {
    await expect(readCompose(tree, 'no.yml', {})).rejects.toThrow('There is no no.yml');
    await symlink('/etc/hostname', join(tree, 'out.yml'));
    await expect(readCompose(tree, 'out.yml', {})).rejects.toThrow('leads out of the repository');
  });
});

/** Eight anchors, each of nine of the one before. */
function bomb(): string {
  return [...'bcdefgh']
    .map((name, n) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[n]}`).join(',')}]`)
    .join('\n');
}
