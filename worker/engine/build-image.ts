import type Docker from 'dockerode';
import { buildClassic } from './build-classic.ts';
import { BuildFailed, EngineFailed } from './build-errors.ts';
import type { Builder, BuildRequest, BuiltImage } from './build-request.ts';
import { buildWithBuildKit } from './build-with-buildkit.ts';

/**
 * Builds an image with the Engine. Throws BuildFailed when it is the repository's fault,
 * EngineFailed when it is not, and the signal's reason when that was aborted; then nothing of the
 * build is left running.
 */
export async function buildImage(
  docker: Docker,
  builder: Builder,
  request: BuildRequest,
): Promise<BuiltImage> {
  const { signal } = request;
  const cut = new AbortController();
  const onAbort = () => cut.abort();
  signal.addEventListener('abort', onAbort);
  try {
    signal.throwIfAborted();
    const built = await builders[builder](docker, request, cut.signal);
    const { Size } = await docker.getImage(built.imageId).inspect();
    return { ...built, size: Size };
  } catch (error) {
    if (signal.aborted) {
      await cancel(docker, request.buildId);
      throw signal.reason;
    }
    if (error instanceof BuildFailed || error instanceof EngineFailed) throw error;
    throw new EngineFailed(`The Docker Engine broke off the build: ${text(error)}`, {
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    cut.abort();
  }
}

const builders = { buildkit: buildWithBuildKit, classic: buildClassic };

/** Tells the Engine too: closing the connection alone is noticed only when it next writes. */
async function cancel(docker: Docker, buildId: string): Promise<void> {
  await new Promise<void>((resolve) => {
    docker.modem.dial(
      {
        path: '/build/cancel?',
        method: 'POST',
        options: { _query: { id: buildId }, _body: {} },
        abortSignal: AbortSignal.timeout(2000),
        statusCodes: { 200: true, 204: true },
      },
      // An unknown id, or an Engine that is gone: either way there is nothing left to cancel.
      () => resolve(),
    );
  });
}

const text = (error: unknown): string =>
  error instanceof Error ? error.message.trim() : String(error);
