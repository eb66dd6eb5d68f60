import { readdir, readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Stops the process that an earlier run left behind, and waits until it is gone. The id in the file
 * may by now belong to somebody else's process: only one that has `mark` (a path of ours) on its
 * command line is touched.
 */
export const stopStale = async (
  pidFile: string,
  mark: string,
  grace = 10_000,
): Promise<boolean> => {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  const ours = pid > 1 && (await commandLine(pid)).includes(mark);
  if (ours) await stopAll([pid], grace);
  await rm(pidFile, { force: true });
  return ours;
};

/** The ids of all processes, other than this one, with `mark` on their command line. */
export const processesMarked = async (mark: string): Promise<number[]> => {
  const pids = await allProcesses();
  const marked = await Promise.all(
    pids.map(async (pid) => (await commandLine(pid)).includes(mark)),
  );
  return pids.filter((pid, i) => marked[i] && pid !== process.pid);
};

/** The ids of all processes whose root file system lies in `folder`: those in its containers. */
export const processesRootedIn = async (folder: string): Promise<number[]> => {
  const pids = await allProcesses();
  const inside = await Promise.all(pids.map((pid) => isRootedIn(pid, folder)));
  return pids.filter((_, i) => inside[i]);
};

/** SIGTERM to each, SIGKILL to those still there after the grace time; returns when all are gone. */
export const stopAll = async (pids: readonly number[], grace: number): Promise<void> => {
  for (const pid of pids) signal(pid, 'SIGTERM');
  const deadline = Date.now() + grace;
  let forced = false;
  for (let left = [...pids]; left.length > 0; await sleep(25)) {
    left = (await Promise.all(left.map(async (pid) => ((await isAlive(pid)) ? [pid] : [])))).flat();
    if (Date.now() > deadline && !forced) {
      for (const pid of left) signal(pid, 'SIGKILL');
      forced = true;
    }
    // A process that not even SIGKILL ends hangs in the kernel; waiting longer would not help.
    if (Date.now() > deadline + 10_000) return;
  }
};

/** Whether a process runs; one that ended and waits for its parent (a zombie) does not. */
export const isAlive = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
};

const allProcesses = async (): Promise<number[]> =>
  (await readdir('/proc')).map(Number).filter((pid) => pid > 1);

const commandLine = (pid: number): Promise<string> =>
  readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');

const isRootedIn = async (pid: number, folder: string): Promise<boolean> => {
  const mounts = await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '');
  // The fifth field is the mount point; an overlay names its folders in the last one.
  const root = mounts.split('\n').find((line) => line.split(' ')[4] === '/');
  return root?.includes(`${folder}/`) ?? false;
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // It ended on its own between the look and the signal.
  }
};
