import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectLines, type LineOptions } from './collect-lines.ts';

/** What to run, and how it is told apart from other processes. */
export type ProcessOptions = LineOptions & {
  /** How it is called in messages, e.g. `redis-server`. */
  name: string;
  command: string;
  args: readonly string[];
  cwd?: string;
  /** The whole environment; the caller's own when left out. */
  env?: NodeJS.ProcessEnv;
  /** Where its id is kept, so that the next start finds it if we die without stopping it. */
  pidFile?: string;
  /** Milliseconds between SIGTERM and SIGKILL. */
  grace?: number;
};

/** A child that runs, or ran. */
export type RunningProcess = {
  name: string;
  pid: number;
  /** Resolves, never rejects, with how it ended: `exit code 1`, `signal SIGKILL`. */
  ended: Promise<string>;
  /** Where all that it printed is kept, if anywhere. */
  logFile: string | undefined;
  /** The end of what it printed, for error messages. */
  lastLines(): string[];
  /** Sends one signal and does not wait. */
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after the grace time, or a shorter one; resolves once it has ended. */
  stop(shorter?: number): Promise<void>;
};

/**
 * Starts a long-lived child in a process group of its own: Ctrl-C in a terminal reaches only us, and
 * we decide in which order things stop.
 */
export const startProcess = async (options: ProcessOptions): Promise<RunningProcess> => {
  const [command, args] = dyingWithUs(options.command, options.args);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = collectLines(child, options);
  const ended = whenEnded(child);
  if (child.pid === undefined) {
    throw new Error(`${options.name} could not be started: ${await ended}.`);
  }
  if (options.pidFile) await writeFile(options.pidFile, `${child.pid}\n`);
  const { name, logFile, grace = 10_000 } = options;
  return {
    name,
    pid: child.pid,
    ended,
    logFile,
    lastLines: () => [...lines],
    kill: (signal) => void child.kill(signal),
    stop: async (shorter = grace) => {
      child.kill('SIGTERM');
      const forced = setTimeout(() => child.kill('SIGKILL'), Math.min(shorter, grace));
      await ended;
      clearTimeout(forced);
    },
  };
};

/**
 * Waits until `probe` answers true. Fails at once when the child ends, and after `timeout` when it
 * never answers (it is stopped then), with the last lines it printed.
 */
export const untilReady = async (
  child: RunningProcess,
  probe: () => Promise<boolean>,
  timeout = 60_000,
): Promise<void> => {
  let end: string | undefined;
  void child.ended.then((how) => {
    end = how;
  });
  const deadline = Date.now() + timeout;
  for (let pause = 10; !(await probe()); pause = Math.min(pause * 1.5, 250)) {
    if (end !== undefined) throw new Error(explain(child, `ended at its start with ${end}`));
    if (Date.now() > deadline) {
      await child.stop();
      throw new Error(explain(child, `was not ready after ${Math.round(timeout / 1000)} s`));
    }
    await sleep(pause);
  }
};

/** One sentence about a child, where its log is, and the last lines it printed. */
export const explain = ({ name, logFile, lastLines }: RunningProcess, sentence: string): string => {
  const where = logFile === undefined ? '' : ` All that it said is in ${logFile}.`;
  return [`${name} ${sentence}.${where}`, ...lastLines().map((line) => `  ${line}`)].join('\n');
};

// A parent that is killed cannot stop its children. Linux can: the child gets SIGTERM when the
// thread that started it is gone. setpriv becomes the command itself, so the pid is the command's.
const setpriv = '/usr/bin/setpriv';
const dyingWithUs = (command: string, args: readonly string[]): [string, string[]] =>
  existsSync(setpriv)
    ? [setpriv, ['--pdeathsig', 'TERM', '--', command, ...args]]
    : [command, [...args]];

// `close` tells that all output was read, but never comes while a grandchild holds the pipes open.
const whenEnded = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      const how = signal ? `signal ${signal}` : `exit code ${code}`;
      const waited = setTimeout(() => resolve(how), 200);
      child.once('close', () => {
        clearTimeout(waited);
        resolve(how);
      });
    });
  });
