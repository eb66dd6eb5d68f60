import type { IncomingMessage } from 'node:http';
import type Docker from 'dockerode';
import { BuildFailed, EngineFailed } from './build-errors.ts';
import type { BuildRequest, Built } from './build-request.ts';
import { decodeTrace } from './build-trace.ts';
import { refuseCustomFrontend } from './frontend.ts';
import { judgeFailure } from './judge-failure.ts';
import { cacheHits, emptyProgress, progressLines } from './plain-progress.ts';
import { eventsOf, postBuild } from './post-build.ts';
import { openSession } from './session.ts';
import { authService } from './session-auth.ts';
import { filesService } from './session-files.ts';
import { secretsService } from './session-secrets.ts';
import { sshService } from './session-ssh.ts';

/**
 * Builds with the Engine's BuildKit, which asks for all that it needs through a session. Throws
 * BuildFailed and EngineFailed, and whatever breaks the connection.
 */
export async function buildWithBuildKit(
  docker: Docker,
  request: BuildRequest,
  cut: AbortSignal,
): Promise<Built> {
  const { context, buildArgs = {} } = request;
  const { text, path } = { text: context.dockerfileText, path: context.dockerfile };
  refuseCustomFrontend(text, buildArgs);
  let contextError: unknown;
  const session = await openSession(docker, request.sharedKey, [
    filesService(context, (error) => {
      contextError ??= error;
    }),
    secretsService(request.secrets ?? new Map()),
    sshService(request.sshAgents ?? new Map()),
    ...(request.credentials
      ? [authService(request.credentials, (error) => void say(request, error.message))]
      : []),
  ]);
  try {
    const query = queryOf(request, path, session.id);
    return await follow(await postBuild(docker, { query, cut }), request);
  } catch (error) {
    if (contextError === undefined || cut.aborted) throw error;
    if (contextError instanceof BuildFailed) throw contextError;
    const why = contextError instanceof Error ? contextError.message : String(contextError);
    throw new EngineFailed(`The build context could not be read: ${why}`, { cause: contextError });
  } finally {
    session.close();
  }
}

const say = (request: BuildRequest, text: string) => request.onLine({ stream: 'status', text });

function queryOf(request: BuildRequest, dockerfile: string, session: string) {
  const { labels, buildArgs = {}, target, platform, secrets, cacheScope, cacheFrom } = request;
  const isPrivate = (secrets?.size ?? 0) + (request.sshAgents?.size ?? 0) > 0;
  const inline = request.inlineCache ? { BUILDKIT_INLINE_CACHE: '1' } : {};
  return {
    ...{ version: '2', remote: 'client-session', session, buildid: request.buildId },
    ...{ dockerfile, t: request.tag, labels: JSON.stringify(labels) },
    // Last, so that no repository chooses whose cache mounts it sees.
    buildargs: JSON.stringify({ ...buildArgs, ...inline, ...mountsOf(request) }),
    ...(target && { target }),
    ...(platform && { platform }),
    ...(cacheFrom?.length && { cachefrom: JSON.stringify(cacheFrom) }),
    ...(request.pull && { pull: '1' }),
    // A name that means nothing, in /etc/hosts while a RUN runs, is part of the RUN's cache key.
    ...(isPrivate && cacheScope && { extrahosts: `${cacheScope}.invalid:127.0.0.1` }),
    ...(request.noCache && { nocache: '1' }),
  };
}

/**
 * Caches of `RUN --mount=type=cache` would else be shared by all builds on the Engine that name the
 * same id (https://github.com/moby/buildkit/blob/master/frontend/dockerfile/docs/reference.md#buildkit-built-in-build-args).
 */
const mountsOf = ({ mountScope }: BuildRequest): Record<string, string> =>
  mountScope ? { BUILDKIT_CACHE_MOUNT_NS: mountScope } : {};

/** Reads the Engine's events to their end: success is an image id, no error and a whole answer. */
async function follow(response: IncomingMessage, request: BuildRequest): Promise<Built> {
  const progress = emptyProgress(request.mask);
  let imageId: string | null = null;
  let failure: string | null = null;
  for await (const { id, aux, stream, errorDetail, error } of eventsOf(response)) {
    if (id === 'moby.buildkit.trace' && typeof aux === 'string')
      for (const line of progressLines(progress, decodeTrace(aux))) {
        await request.onLine(line);
        request.signal.throwIfAborted();
      }
    else if (id === 'moby.image.id' && typeof aux === 'object') imageId = aux.ID;
    else if (errorDetail || error) failure ??= errorDetail?.message ?? error ?? '';
    else if (stream?.trim()) await say(request, stream.trim());
  }
  request.signal.throwIfAborted();
  if (failure !== null) {
    const { dockerfileText } = request.context;
    const { buildArgs = {} } = request;
    throw judgeFailure({ message: failure, progress, dockerfileText, buildArgs });
  }
  if (!response.complete || imageId === null)
    throw new EngineFailed('The Docker Engine ended the build without an image');
  return { imageId, ...cacheHits(progress) };
}
