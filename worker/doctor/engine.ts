import type Docker from 'dockerode';
import type { WorkerConfig } from '../../queue/config.ts';
import { type Finding, good, notLooked, warning, wrong } from '../../queue/finding.ts';
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
    return [
      wrong('Docker Engine', `${(error as Error).message}.`, null),
      ...(await ownRoom(config)),
    ];
  }
  const problem = await engineProblem(docker);
  if (problem !== null) {
    const todo = isEmbedded(config)
      ? 'It is the one of npm start, and what it said is in engine/engine.log below DATA_DIR: stop npm start, and start it again.'
      : 'Start it (systemctl start docker), or name one that runs in DOCKER_HOST.';
    return [
      wrong('Docker Engine', `${problem}.`, todo),
      ...(await ownRoom(config)),
      notLooked('Engine’s disk', 'Not looked at: only the engine knows where it is.'),
    ];
  }
  return [
    await versionOf(docker),
    ...(await ownRoom(config)),
    ...(await engineRoom(docker, config)),
  ];
}

/** Whether it is one that bin/embedded/engine.ts starts, by where that puts the socket. */
const isEmbedded = ({ DOCKER_HOST = '' }: WorkerConfig): boolean =>
  /^unix:\/\/\/run\/slipway-[0-9a-f]{7}\//.test(DOCKER_HOST);

async function versionOf(docker: Docker): Promise<Finding> {
  const { Version, Os, Arch } = await docker.version();
  const what = `Version ${Version} answers and builds for ${Os}/${Arch}`;
  if ((await engineBuilder(docker)) === 'buildkit') return good('Docker Engine', `${what}.`);
  const todo = 'For secrets, cache mounts and faster builds use Docker Engine 20.10 or later.';
  return warning('Docker Engine', `${what}, without BuildKit.`, todo);
}

const ownRoom = ({ DATA_DIR, DISK_FLOOR }: WorkerConfig): Promise<Finding[]> =>
  room('data', DATA_DIR, DISK_FLOOR);

async function engineRoom(docker: Docker, { DISK_FLOOR }: WorkerConfig): Promise<Finding[]> {
  const { DockerRootDir } = (await docker.info()) as { DockerRootDir?: string };
  // An Engine elsewhere has its disk elsewhere, whatever folder of that name is here.
  if (!DockerRootDir || !isBySocket(docker)) return [];
  return room('engine', DockerRootDir, DISK_FLOOR);
}

async function room(disk: DiskName, folder: string, floor: number): Promise<Finding[]> {
  const name = disk === 'data' ? 'Disk' : 'Engine’s disk';
  // Only looked at, not made: a worker makes its folder when it starts.
  const found = await roomIn('engine', folder).catch(() => null);
  if (found === null) {
    return [
      notLooked(name, `Not looked at: the folder ${folder} is not there, or not to be seen.`),
    ];
  }
  const says = `${sizeInWords(found.free)} of ${sizeInWords(found.total)} are free on ${diskInWords[disk]} (${folder}).`;
  if (!isShort(found, floor)) return [good(name, says)];
  const todo = `Free some: no build begins with less than DISK_FLOOR, ${sizeInWords(floor)}.`;
  return [wrong(name, says, todo)];
}
