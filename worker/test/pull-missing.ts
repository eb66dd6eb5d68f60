import type Docker from 'dockerode';
import { BuildFailed, EngineFailed } from '../engine/build-errors.ts';
import { orAborted } from './container.ts';
import type { TestRun } from './test-run.ts';

/**
 * Makes sure that the Engine has an image, pulling it as a stranger would: the operator's
 * credentials are not for code of a repository. Returns its name with a tag. Throws BuildFailed
 * when there is none, EngineFailed when the registry cannot be asked.
 */
export async function pullMissing(
  { docker, signal, onLine, onImage }: TestRun,
  image: string,
): Promise<string> {
  // Without a tag the Engine would pull every one there is.
  const name = /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
  if (await hasImage(docker, name)) {
    await onImage(name, false);
    return name;
  }
  await onLine({ stream: 'status', text: `Pulling ${name}` });
  try {
    const progress = await docker.pull(name);
    await orAborted(
      signal,
      new Promise<void>((resolve, reject) => {
        docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
      }),
    );
    await onImage(name, true);
    return name;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const message = `The image ${name} cannot be pulled: ${(error as Error).message}`;
    const isOurs = !/not found|manifest unknown|denied|unauthorized|invalid reference/i.test(
      message,
    );
    if (isOurs) throw new EngineFailed(message, { cause: error });
    throw new BuildFailed(message, {}, { cause: error });
  }
}

async function hasImage(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getImage(name).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}
