import { stat } from 'node:fs/promises';
import type Docker from 'dockerode';

/**
 * The folder in which the Engine keeps its data, where that is a folder of this machine; else null:
 * with an Engine elsewhere, or from inside a container that has the Engine's socket and not its
 * disk. A folder of the same name proves nothing, a volume of this Engine in it does.
 */
export async function visibleDataRoot(docker: Docker, volume: string): Promise<string | null> {
  const { DockerRootDir } = (await docker.info()) as { DockerRootDir?: string };
  if (!DockerRootDir) return null;
  const { Mountpoint } = await docker.getVolume(volume).inspect();
  const code = await stat(Mountpoint).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  );
  // Only root may look into it; without being root, a local socket has to do.
  const isThere = code === null || (code === 'EACCES' && isBySocket(docker));
  return isThere ? DockerRootDir : null;
}

/** Whether the Engine is asked through a socket of this machine, so that it is most likely on it. */
export const isBySocket = ({ modem }: Docker): boolean =>
  Boolean((modem as unknown as { socketPath?: string }).socketPath);
