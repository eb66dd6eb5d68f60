import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { connectEngine, engineBuilder, engineProblem } from '../../../worker/engine/connect.ts';
import { sshAgent } from '../../../worker/engine/ssh-agent.ts';

const realHost = process.env.SLIPWAY_TEST_DOCKER_HOST!;
const realSocket = realHost.replace('unix://', '');
let folder: string;
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-connect-'));
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

afterAll(async () => rm(folder, { recursive: true }));

/** Listens on a free port of this machine. */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const overTcp = () =>
  listen(
    createTcpServer((near) => {
      const far = connect(realSocket);
      near.pipe(far).pipe(near);
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
    }),
  );

describe('an Engine that answers', () => {
  test('has no problem, whichever way it is reached', async () => {
    const port = await overTcp();
    for (const host of [
      realHost,
      `tcp://127.0.0.1:${port}`,
      `http://127.0.0.1:${port}`,
      `127.0.0.1:${port}`,
      `tcp://:${port}`,
    ])
      expect([host, await engineProblem(connectEngine({ DOCKER_HOST: host }))]).toEqual([
        host,
        null,
      ]);
  });

  test('is reached through the ssh program', async () => {
    const script = `echo "$*" > '${folder}/arguments'\nexec docker -H '${realHost}' system dial-stdio`;
    const engine = overSsh('ssh://me@build.example:2222', await fakeSsh(script));
    expect(await engineProblem(engine)).toBeNull();
    expect((await engine.version()).Os).toBe('linux');
    expect(await readFile(join(folder, 'arguments'), 'utf8')).toMatch(
      /-l me -p 2222 -- build\.example docker system dial-stdio\n$/,
    );
  });

  test('but not through ssh is told in its words', async () => {
    const script = 'echo "Host key verification failed." >&2; exit 255';
    const engine = overSsh('ssh://build.example', await fakeSsh(script));
    expect(await engineProblem(engine)).toMatch(
      /: ssh ended with 255: Host key verification failed/,
    );
  });

  /** Stands in for ssh and the machine behind it: what it runs is what ssh would run over there. */
  async function fakeSsh(script: string): Promise<string> {
    const path = join(folder, 'ssh');
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  }

  function overSsh(url: string, program: string): Docker {
    const agent = sshAgent(new URL(url.replace('ssh:', 'http:')), program);
    return new Docker({ protocol: 'http', host: 'docker', agent } as Docker.DockerOptions);
  }
});

describe('the address', () => {
  const of = (env: Parameters<typeof connectEngine>[0]) => {
    const { socketPath, protocol, host, port, ca, cert, key } = connectEngine(env)
      .modem as unknown as Record<string, unknown>;
    return { socketPath, protocol, host, port: port && Number(port), ca, cert, key };
  };

  test('is docker’s when nothing is set', () => {
    expect(of({ DOCKER_HOST: '' }).socketPath).toBe('/var/run/docker.sock');
    expect(of({}).socketPath).toBe('/var/run/docker.sock');
  });

  test('has docker’s ports, and TLS only when it is to be verified', async () => {
    for (const file of ['ca', 'cert', 'key']) await writeFile(join(folder, `${file}.pem`), file);
    const tls = { DOCKER_CERT_PATH: folder, DOCKER_TLS_VERIFY: '1' };
    expect(of({ DOCKER_HOST: 'tcp://h' })).toMatchObject({
      protocol: 'http',
      host: 'h',
      port: 2375,
    });
    expect(of({ DOCKER_HOST: 'tcp://h', DOCKER_CERT_PATH: folder })).toMatchObject({
      protocol: 'http',
      ca: undefined,
    });
    expect(of({ DOCKER_HOST: 'tcp://h', ...tls })).toMatchObject({
      protocol: 'https',
      port: 2376,
      ca: Buffer.from('ca'),
      cert: Buffer.from('cert'),
      key: Buffer.from('key'),
    });
    expect(of({ DOCKER_HOST: 'tcp://[::1]:99' })).toMatchObject({ host: '[::1]', port: 99 });
  });

  test('that cannot be used is refused', () => {
    for (const host of ['ftp://x', 'tcp://a b', 'npipe://x'])
      expect(() => connectEngine({ DOCKER_HOST: host })).toThrow(
        `DOCKER_HOST is ${host}, and has to`,
      );
    const tls = { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1' };
    expect(() => connectEngine({ ...tls, DOCKER_CERT_PATH: '/nowhere' })).toThrow(/no ca\.pem in/);
  });
});

/** What answers a ping with these headers, which the real Engine never does. */
const answering = async (headers: Record<string, string>) => {
  const server = createServer((_, response) => response.writeHead(200, headers).end('OK'));
  return `tcp://127.0.0.1:${await listen(server)}`;
};

test.each([
  [{ 'Api-Version': '1.38' }, 'classic'],
  [{ 'Api-Version': '1.41', 'Libpod-Api-Version': '4.3.1' }, 'classic'],
  [{ 'Api-Version': '1.39' }, 'buildkit'],
  [{ 'Api-Version': '2.0' }, 'buildkit'],
  [{}, 'classic'],
])('an Engine that says %j builds with the builder %s', async (headers, builder) => {
  const host = await answering(headers as Record<string, string>);
  expect(await engineBuilder(connectEngine({ DOCKER_HOST: host }))).toBe(builder);
});

describe('a problem', () => {
  const problemOf = (host: string) => engineProblem(connectEngine({ DOCKER_HOST: host }));

  test('is said so that one can act on it', async () => {
    const missing = `unix://${folder}/none.sock`;
    expect(await problemOf(missing)).toBe(
      `No Docker Engine answers at ${missing}: the socket does not exist, so start the Engine or set DOCKER_HOST`,
    );
    expect(await problemOf('tcp://127.0.0.1:9')).toMatch(/9: the connection is refused/);
    expect(await problemOf(await answering({ 'Api-Version': '1.41', Ostype: 'windows' }))).toMatch(
      /a Linux Engine is needed$/,
    );
    expect(await problemOf(await answering({ 'Api-Version': '1.54', Ostype: 'linux' }))).toBeNull();
  });

  test('is silence for five seconds', async () => {
    const port = await listen(
      createTcpServer((socket) => void setTimeout(() => socket.destroy(), 8000).unref()),
    );
    const before = Date.now();
    expect(await problemOf(`tcp://127.0.0.1:${port}`)).toMatch(/: no word from it within 5 s$/);
    expect(Date.now() - before).toBeLessThan(6000);
  });
});
