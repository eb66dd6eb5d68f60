import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { registryProblem } from '../../../worker/registry/reachable.ts';

let server: Server;

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

test('a registry is reachable', async () => {
  expect(await registryProblem(process.env.SLIPWAY_TEST_REGISTRY!, 2000)).toBeNull();
  expect(await registryProblem(`${process.env.SLIPWAY_TEST_REGISTRY}/some/image`, 2000)).toBeNull();
});

test.each([200, 301, 401, 404])('an answer %d will do', async (status) => {
  const host = await serve((request, response) => {
    response.writeHead(request.url === '/v2/' ? status : 500, { location: '/elsewhere' }).end();
  });
  expect(await registryProblem(host, 2000)).toBeNull();
});

test('an answer 503 is told', async () => {
  const host = await serve((_request, response) => response.writeHead(503).end());
  expect(await registryProblem(host, 2000)).toBe(
    `The registry ${host} answers http://${host}/v2/ with 503 Service Unavailable`,
  );
});

test('silence is told after the time allowed', async () => {
  const host = await serve(() => {});
  expect(await registryProblem(host, 300)).toBe(
    `The registry ${host} does not answer: no word from it within 0.3 s`,
  );
});

test('nobody there is told', async () => {
  expect(await registryProblem('localhost:9', 2000)).toBe(
    'The registry localhost:9 does not answer: the connection was refused',
  );
  expect(await registryProblem('registry.invalid', 5000)).toMatch(
    /^The registry registry\.invalid does not answer: (its name is not known to the DNS|the DNS does not answer)$/,
  );
});

test('a remote host is never asked in plain HTTP', async () => {
  const asked: string[] = [];
  const host = await serve((request, response) => {
    asked.push(request.url!);
    response.end();
  });
  // A name of this machine that does not say so.
  const remote = `127.0.0.1.nip.invalid:${host.split(':')[1]}`;
  expect(await registryProblem(remote, 5000)).not.toBeNull();
  expect(asked).toEqual([]);
});
