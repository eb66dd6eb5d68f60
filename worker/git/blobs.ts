import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type GitAccess, GitFailed, gitEnvironment } from './git.ts';

/** Reads objects of one repository by their ids, from one running git. */
export type Blobs = {
  /** An object's content. Throws GitFailed if there is none of that id. */
  read: (id: string) => AsyncGenerator<Buffer>;
  close: () => void;
};

/**
 * Starts `git cat-file --batch` (https://git-scm.com/docs/git-cat-file#_batch_output). What is asked
 * for while something else is read waits for it; what is not read to its end is passed over.
 */
export function openBlobs(access: GitAccess, gitDir: string, signal: AbortSignal): Blobs {
  const child = spawn('git', ['--git-dir=.', 'cat-file', '--batch'], {
    cwd: gitDir,
    env: gitEnvironment(access),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const onAbort = (): void => void child.kill();
  signal.addEventListener('abort', onAbort);
  // What went wrong shows in the output that does not come.
  child.on('error', () => child.stdout.destroy());
  child.stdin.on('error', () => {});
  const output = bytesOf(child.stdout);
  let before: Promise<unknown> = Promise.resolve();
  return {
    async *read(id) {
      const previous = before;
      let resolve = (): void => {};
      before = new Promise<void>((done) => {
        resolve = done;
      });
      ask(child.stdin, id);
      await previous;
      try {
        yield* contentOf(output, id);
      } catch (cause) {
        signal.throwIfAborted();
        throw cause;
      } finally {
        resolve();
      }
    },
    close: () => {
      signal.removeEventListener('abort', onAbort);
      end(child);
    },
  };
}

const ask = (input: Writable, id: string): void => void input.write(`${id}\n`);

function end(child: ChildProcess): void {
  child.stdin?.end();
  child.kill();
}

async function* contentOf(output: Bytes, id: string): AsyncGenerator<Buffer> {
  const header = await output.line();
  const size = Number(/ (?:blob|commit|tree|tag) (\d+)$/.exec(header)?.[1] ?? Number.NaN);
  if (Number.isNaN(size)) throw new GitFailed(['cat-file'], header || `git ended before ${id}`);
  let left = size;
  try {
    while (left > 0) {
      const chunk = await output.some(left);
      left -= chunk.length;
      yield chunk;
    }
  } finally {
    while (left > 0) left -= (await output.some(left)).length;
    await output.line();
  }
}

type Bytes = { line: () => Promise<string>; some: (most: number) => Promise<Buffer> };

/** Takes a stream's bytes as they are asked for. Throws GitFailed where it ends too early. */
function bytesOf(stream: Readable): Bytes {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let held: Buffer = Buffer.alloc(0);
  async function fill(): Promise<void> {
    const { value, done } = await chunks.next();
    if (done) throw new GitFailed(['cat-file'], 'git ended before it had answered');
    held = held.length === 0 ? value : Buffer.concat([held, value]);
  }
  return {
    async line() {
      for (;;) {
        const newline = held.indexOf(10);
        if (newline === -1) await fill();
        else {
          const text = held.toString('utf8', 0, newline);
          held = held.subarray(newline + 1);
          return text;
        }
      }
    },
    async some(most) {
      if (held.length === 0) await fill();
      const chunk = held.subarray(0, most);
      held = held.subarray(chunk.length);
      return chunk;
    },
  };
}
