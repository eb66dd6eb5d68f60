import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../../bin/embedded/free-port.ts';
import { type GitFailed, git } from '../../../worker/git/git.ts';
import { isAway, untilReachable } from '../../../worker/git/until-reachable.ts';

let server: Server;
let answer: (response: ServerResponse) => unknown;

beforeAll(async () => {
  server = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** What git throws when it asks a port for a repository. */
const failure = (port: number): Promise<GitFailed> => ask(port).catch((error) => error);

function ask(port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}/acme/web.git`;
  const access = { home: tmpdir(), path: process.env.PATH ?? '', url, token: null };
  return git(access, tmpdir(), ['ls-remote', url], AbortSignal.timeout(20_000));
}

const port = () => (server.address() as AddressInfo).port;

test.each([429, 500, 502, 503])('a host that answers %i is away', async (status) => {
  answer = (response) => response.writeHead(status).end();
  expect(isAway((await failure(port())).printed)).toBe(true);
});

test.each([401, 403, 404])('a host that answers %i has answered', async (status) => {
  answer = (response) => response.writeHead(status).end();
  expect(isAway((await failure(port())).printed)).toBe(false);
});

test('a host that refuses the connection, or cuts it, is away', async () => {
  expect(isAway((await failure(await freePort())).printed)).toBe(true);
  answer = (response) => response.destroy();
  expect(isAway((await failure(port())).printed)).toBe(true);
});

test('git is run again until the host is back, and what it says then counts', async () => {
  let asked = 0;
  answer = (response) => {
    asked += 1;
    response.writeHead(asked < 3 ? 502 : 404).end();
  };
  const lines: string[] = [];
  const { signal } = new AbortController();
  await expect(
    untilReachable(
      () => ask(port()),
      (line) => lines.push(line),
      signal,
    ),
  ).rejects.toThrow(/not found/);
  expect(lines).toEqual([
    expect.stringMatching(/error: 502; trying again in 1 s$/),
    expect.stringMatching(/error: 502; trying again in 2 s$/),
  ]);
});

test('waiting ends with the signal, and throws its reason', async () => {
  answer = (response) => response.writeHead(502).end();
  const stop = new AbortController();
  const reason = new Error('Cancelled by request.');
  const waiting = untilReachable(
    () => ask(port()),
    () => stop.abort(reason),
    stop.signal,
  );
  await expect(waiting).rejects.toBe(reason);
});
