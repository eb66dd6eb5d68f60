import { describe, expect, test } from '@jest/globals';
import { BuildFailed, EngineFailed } from '../../../worker/engine/build-errors.ts';
import type { Vertex } from '../../../worker/engine/build-trace.ts';
import { judgeFailure } from '../../../worker/engine/judge-failure.ts';
import { emptyProgress, progressLines } from '../../../worker/engine/plain-progress.ts';
import { createMask } from '../../../worker/log/mask.ts';

/** What a build ended with, in words that an Engine said once and cannot be asked to say again. */
function judged(name: string, message: string, error = message) {
  const progress = emptyProgress(createMask(() => []));
  const vertex: Vertex = { digest: 'd', name, cached: false, started: 1, completed: 2, error };
  const nothing = { statuses: [], logs: [], warnings: [] };
  for (const _ of progressLines(progress, { vertexes: [vertex], ...nothing }));
  const dockerfileText = 'FROM node\nRUN npm ci\n';
  return judgeFailure({ message, progress, dockerfileText, buildArgs: {} });
}

describe('a command that never ran', () => {
  test.each([
    'executor failed running [/bin/sh -c npm ci]: failed to create endpoint sipn on network bridge: could not find bridge docker0',
    'process "/bin/sh -c npm ci" did not complete successfully: failed to create endpoint sipn on network bridge: could not find bridge docker0',
  ])('is the Engine’s fault: %s', (message) => {
    const error = judged('[2/2] RUN npm ci', message);
    expect(error).toBeInstanceOf(EngineFailed);
    expect(error.message).toMatch(/^RUN npm ci could not be run: failed to create endpoint sipn/);
  });
});

test('newer Engines say a command’s exit code in other words', () => {
  const words = 'process "/bin/sh -c npm ci" did not complete successfully: exit code: 137';
  const error = judged('[2/2] RUN npm ci', `failed to solve: ${words}`, words);
  expect(error).toBeInstanceOf(BuildFailed);
  expect(error).toMatchObject({ exitCode: 137, line: 2, endLine: 2 });
  expect(error.message).toBe(
    'RUN npm ci failed: exit code 137 (killed, perhaps for want of memory)',
  );
});

test('newer Engines say where the Dockerfile is wrong in other words', () => {
  const words = 'failed to solve: dockerfile parse error on line 2: unknown instruction: RUNN';
  expect(judged('[internal] load build definition', words, '')).toMatchObject({
    message: 'Line 2 of the Dockerfile: unknown instruction: RUNN',
    line: 2,
  });
});

test('a full disk of the Engine is not the repository’s fault', () => {
  const words = 'failed to copy files: copy file range failed: no space left on device';
  expect(judged('[2/2] COPY . .', words)).toBeInstanceOf(EngineFailed);
});

test('a base image behind a login is the repository’s, one behind a rate limit is not', () => {
  const name = '[internal] load metadata for docker.io/library/node:latest';
  const denied = judged(
    name,
    'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
  );
  expect(denied).toBeInstanceOf(BuildFailed);
  expect(denied.message).toBe(
    'The base image docker.io/library/node:latest (line 1) does not exist or may not be pulled from here',
  );
  const limited = judged(
    name,
    'failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/node/manifests/sha256:aa: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit',
  );
  expect(limited).toBeInstanceOf(EngineFailed);
});
