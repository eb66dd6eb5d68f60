import { expect, test } from '@jest/globals';
import type { Room } from '../../../queue/workers.ts';
import { ranFull } from '../../../worker/attempt/full-disk.ts';
import { BuildFailed, EngineFailed } from '../../../worker/engine/build-errors.ts';
import { PushInterrupted } from '../../../worker/engine/push-errors.ts';
import { GitFailed } from '../../../worker/git/git.ts';

const gibi = 2 ** 30;
const about = { floor: 5 * gibi, worker: 'w1' };
const room = (disk: Room['disk'], free: number): Room => ({ disk, free, total: 50 * gibi });
const roomy = [room('data', 20 * gibi), room('engine', 20 * gibi)];
const low = [room('data', 20 * gibi), room('engine', 1.25 * gibi)];
const full = [room('data', 4_096), room('engine', 1.25 * gibi)];

const failedRun = (...lastLines: string[]) =>
  new BuildFailed('RUN make failed: exit code 1', { exitCode: 1, lastLines });
const enospc = Object.assign(new Error('write failed'), { code: 'ENOSPC' });

test.each([
  ['a command that says so', failedRun('cc: No space left on device')],
  ['Node’s own words', failedRun('Error: ENOSPC: no space left on device, write')],
  ['the Engine', new EngineFailed('The build broke off: mkdir /x: no space left on device')],
  ['git', new GitFailed(['fetch'], 'fatal: write error: No space left on device')],
  ['a write of our own', enospc],
  ['what caused the error', new EngineFailed('The context broke', { cause: enospc })],
])('%s is believed while a disk is below the floor, and not while none is', (_, error) => {
  expect(ranFull(error, low, about)).toBe(
    'The disk of the Docker Engine of worker w1 ran full (1.3 GiB free of 50 GiB); free space there, or use a larger disk.',
  );
  expect(ranFull(error, roomy, about)).toBeNull();
});

test('the disk that has least is named', () => {
  expect(ranFull(enospc, full, about)).toMatch(
    /^The disk of DATA_DIR of worker w1 ran full \(4 KiB free of 50 GiB\)/,
  );
});

test('a command that fails on a full disk need not say why, one on a low disk must', () => {
  expect(ranFull(failedRun('head: standard output: I/O error'), full, about)).not.toBeNull();
  expect(ranFull(failedRun('1 test failed'), low, about)).toBeNull();
});

test('other failures on a full disk stay what they are', () => {
  expect(ranFull(new BuildFailed('Line 3 of the Dockerfile: unknown'), full, about)).toBeNull();
  const push = new PushInterrupted('registry: no space left on device');
  expect(ranFull(push, full, about)).toBeNull();
});
