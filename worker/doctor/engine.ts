import type Docker from 'dockerode';
import type { WorkerConfig } from '../../queue/config.ts';
import { type Finding, good, warning, wrong } from '../../queue/finding.ts';
import { sizeInWords } from '../../queue/text.ts';
import type { DiskName } from '../../queue/workers.ts';
import { isBySocket } from '../disk/data-root.ts';
import { diskInWords, isShort, roomIn } from '../disk/room.ts';
import { connectEngine, engineBuilder, engineProblem } from '../engine/connect.ts';

/** Whether the Docker Engine answers and can build, and whether the disks have room. */
export async function lookAtEngine(config: WorkerConfig): Promise<Finding[]> {
  let docker: Docker;
  try {
    docker = connectEngine(config);
  } catch (error) {
    return [wrong('Docker Engine', `${(error as Error).message}.`, null)];
  }
  const problem = await engineProblem(docker);
  if (problem !== null) {
    const todo = 'Start it (systemctl start docker), or name one that runs in DOCKER_HOST.';
    return [wrong('Docker Engine', `${problem}.`, todo)];
  }
  return [await versionOf(docker), ...(await rooms(docker, config))];
}

async function versionOf(docker: Docker): Promise<Finding> {
  const { Version, Os, Arch } = await docker.version();
  const what = `Version ${Version} answers and builds for ${Os}/${Arch}`;
  if ((await engineBuilder(docker)) === 'buildkit') return good('Docker Engine', `${what}.`);
  const todo = 'For secrets, cache mounts and faster builds use Docker Engine 20.10 or later.';
  return warning('Docker Engine', `${what}, without BuildKit.`, todo);
}

async function rooms(docker: Docker, config: WorkerConfig): Promise<Finding[]> {
  const { DockerRootDir } = (await docker.info()) as { DockerRootDir?: string };
  return [
    ...(await room('data', config.DATA_DIR, config.DISK_FLOOR)),
    // An Engine elsewhere has its disk elsewhere, whatever folder of that name is here.
    ...(DockerRootDir && isBySocket(docker)
      ? await room('engine', DockerRootDir, config.DISK_FLOOR)
      : []),
  ];
}

async function room(disk: DiskName, folder: string, floor: number): Promise<Finding[]> {
  // Only looked at, not made: a worker makes its folder when it starts.
  const found = await roomIn('engine', folder).catch(() => null);
  if (found === null) return [];
  const name = disk === 'data' ? 'Disk' : 'Engine’s disk';
  const says = `${sizeInWords(found.free)} of ${sizeInWords(found.total)} are free on ${diskInWords[disk]} (${folder}).`;
  if (!isShort(found, floor)) return [good(name, says)];
  const todo = `Free some: no build begins with less than DISK_FLOOR, ${sizeInWords(floor)}.`;
  return [wrong(name, says, todo)];
}
