import { BuildFailed } from '../engine/build-errors.ts';
import { type ContainerEnd, orAborted, removeContainer, startContainer } from './container.ts';
import { keepLastLines } from './last-lines.ts';
import type { TestRun } from './test-run.ts';

/**
 * Runs a command in the built image as `docker run` would, without a network. Throws BuildFailed
 * unless it exits 0, and the signal's reason when that was aborted; leaves nothing behind.
 */
export async function runCommand(run: TestRun, image: string, command: string[]): Promise<void> {
  const { onLine, lastLines } = keepLastLines(run.onLine);
  const { container, end } = await startContainer(
    { ...run, onLine },
    { name: run.name, Image: image, Cmd: command, HostConfig: { NetworkMode: 'none' } },
  );
  try {
    const ended = await orAborted(run.signal, end);
    if (ended.exitCode === 0) return;
    throw testFailure(`The test ${command.join(' ')}`, ended, run.memory, lastLines());
  } finally {
    await removeContainer(container);
  }
}

/** The failure of a test that ran: `what` begins the sentence. */
export function testFailure(
  what: string,
  { exitCode, isOutOfMemory }: ContainerEnd,
  memory: number,
  lastLines: string[],
): BuildFailed {
  const shown = what.replace(/\s+/g, ' ').slice(0, 200);
  const limit = `${Math.round(memory / 2 ** 20)} MiB`;
  const why = isOutOfMemory
    ? `was stopped: it used more memory than the ${limit} of TEST_MEMORY`
    : `failed: exit code ${exitCode}`;
  return new BuildFailed(`${shown} ${why}`, { exitCode, lastLines });
}
