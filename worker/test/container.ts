import type { Readable } from 'node:stream';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { BuildFailed, EngineFailed } from '../engine/build-errors.ts';
import { outputLines } from './container-output.ts';
import type { TestRun } from './test-run.ts';

/** How a container came to its end. */
export type ContainerEnd = { exitCode: number; isOutOfMemory: boolean };

/** A container that was started; `end` settles once all its output has been handed on. */
export type Started = { container: Container; end: Promise<ContainerEnd> };

/** More processes and threads a container does not get. */
const mostProcesses = 1_024;

/**
 * Starts a container of an image nobody vouches for: no more rights, memory, processes and CPUs
 * than a test needs, and no log file in the Engine. Throws BuildFailed when the image cannot run
 * the command. The caller removes it, see {@link removeContainer}.
 */
export async function startContainer(
  { docker, labels, memory, mask, onLine }: TestRun,
  options: ContainerCreateOptions,
): Promise<Started> {
  const { NCPU } = (await docker.info()) as { NCPU: number };
  const container = await docker.createContainer({
    ...options,
    Labels: labels,
    HostConfig: {
      ...options.HostConfig,
      ...{ Memory: memory, MemorySwap: memory, PidsLimit: mostProcesses },
      NanoCpus: Math.min(2, NCPU) * 1e9,
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'none', Config: {} },
    },
  });
  try {
    const output = await container.attach({ stream: true, stdout: true, stderr: true });
    const printed = outputLines(output as unknown as Readable, mask, onLine);
    // Awaited once the container has started; until then a failure must not end the process.
    printed.catch(() => {});
    await container.start();
    const end = printed.then(() => endOf(container));
    end.catch(() => {});
    return { container, end };
  } catch (error) {
    await removeContainer(container);
    throw judge(error);
  }
}

/** Takes a container and its nameless volumes away, running or not; none is no error. */
export async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    // 409: the Engine is removing it already.
    if (statusCode !== 404 && statusCode !== 409) throw error;
  }
}

/** Waits for something, but no longer than until the signal is aborted; throws its reason then. */
export async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const done = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: done.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    done.abort();
  }
}

async function endOf(container: Container): Promise<ContainerEnd> {
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  const { State } = await container.inspect();
  return { exitCode: StatusCode, isOutOfMemory: State.OOMKilled };
}

/** 400 is what the Engine answers when the image has no such program or user. */
function judge(error: unknown): unknown {
  const { statusCode, message } = error as Error & { statusCode?: number };
  if (statusCode === undefined) return error;
  const words = message.replace(/\s+/g, ' ').trim();
  return statusCode < 500
    ? new BuildFailed(`The test could not be started: ${words}`, {}, { cause: error })
    : new EngineFailed(`The Docker Engine could not start the test: ${words}`, { cause: error });
}
