import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import type Docker from 'dockerode';
import { BuildFailed, EngineFailed } from './build-errors.ts';
import { decodeTrace } from './build-trace.ts';
import { refuseCustomFrontend } from './frontend.ts';
import { jsonLines } from './json-lines.ts';
import { judgeFailure } from './judge-failure.ts';
import { cacheHits, type EngineLine, emptyProgress, progressLines } from './plain-progress.ts';
import { openSession, type Session } from './session.ts';
import { wholeTar } from './whole-tar.ts';

/** What to build, and where its log goes. */
export type BuildRequest = {
  /** The build context as an uncompressed tar; destroyed when the build ends. */
  context: Readable;
  /** The Dockerfile's path inside the context, and its text as it is there. */
  dockerfile: string;
  dockerfileText: string;
  labels: Record<string, string>;
  buildArgs?: Record<string, string>;
  target?: string;
  /** `linux/arm64` and so on; the Engine's own without it. */
  platform?: string;
  /** Values for `RUN --mount=type=secret`, by id; they reach nothing else. */
  secrets?: ReadonlyMap<string, Buffer>;
  /**
   * Whose the build is, when it has secrets: letters, digits and dashes. A secret's value is no
   * part of BuildKit's cache keys, so that without this anybody with the same Dockerfile and other
   * values, or none, would be given what a RUN made of them.
   */
  cacheScope?: string;
  /** The name the image gets in the Engine: `name:tag`. */
  tag: string;
  /** Unique among all builds of the Engine; by it the build can be cancelled. */
  buildId: string;
  signal: AbortSignal;
  /** Called for every line of the log, in order; reading waits for a promise it returns. */
  onLine: (line: EngineLine) => void | Promise<void>;
  noCache?: boolean;
};

/** An image in the Engine. */
export type BuiltImage = {
  /** `sha256:…`, the Engine's own name of it; not the digest in a registry. */
  imageId: string;
  /** Unpacked, in bytes. */
  size: number;
  /** How many of the Dockerfile's instructions came from the cache, and how many there were. */
  cached: number;
  total: number;
};

/**
 * Builds an image with the Engine's BuildKit. Throws BuildFailed when it is the repository's
 * fault, EngineFailed when it is not, and the signal's reason when that was aborted; then nothing
 * of the build is left running. See https://docs.docker.com/reference/api/engine/version/v1.41/
 * for `POST /build`.
 */
export async function buildImage(docker: Docker, request: BuildRequest): Promise<BuiltImage> {
  const { signal, context } = request;
  const cut = new AbortController();
  const onAbort = () => cut.abort();
  let session: Session | null = null;
  // Errors of either end up as `errored`: the Engine's connection dies of them too, and says less.
  const tar = pipeline(context, wholeTar(), () => {});
  signal.addEventListener('abort', onAbort);
  try {
    signal.throwIfAborted();
    refuseCustomFrontend(request.dockerfileText, request.buildArgs);
    // Without a session even a secret that may be missing fails the RUN that mounts it.
    if (request.secrets?.size || /type=secret/.test(request.dockerfileText))
      session = await openSession(docker, request.secrets ?? new Map());
    const response = await start(docker, request, session, tar, cut.signal);
    const { imageId, hits } = await follow(response, request);
    const { Size } = await docker.getImage(imageId).inspect();
    return { imageId, size: Size, ...hits };
  } catch (error) {
    if (signal.aborted) {
      await cancel(docker, request.buildId);
      throw signal.reason;
    }
    if (error instanceof BuildFailed) throw error;
    const contextError = context.errored ?? tar.errored;
    if (contextError instanceof BuildFailed) throw contextError;
    if (contextError)
      throw new EngineFailed(`The build context could not be read: ${text(contextError)}`, {
        cause: contextError,
      });
    if (error instanceof EngineFailed) throw error;
    throw new EngineFailed(`The Docker Engine broke off the build: ${text(error)}`, {
      cause: error,
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    cut.abort();
    session?.close();
    context.destroy();
  }
}

/**
 * Sends the request. Neither dockerode's buildImage (its session hands registry passwords to any
 * host a Dockerfile names) nor a socket timeout (a build may be silent for long) is used.
 */
async function start(
  docker: Docker,
  request: BuildRequest,
  session: Session | null,
  tar: Readable,
  cut: AbortSignal,
): Promise<IncomingMessage> {
  const query = {
    version: '2',
    buildid: request.buildId,
    dockerfile: request.dockerfile,
    t: request.tag,
    labels: JSON.stringify(request.labels),
    buildargs: JSON.stringify(request.buildArgs ?? {}),
    ...(request.target ? { target: request.target } : {}),
    ...(request.platform ? { platform: request.platform } : {}),
    ...(session ? { session: session.id } : {}),
    // A name that means nothing, in /etc/hosts while a RUN runs, is part of the RUN's cache key.
    ...(request.secrets?.size && request.cacheScope
      ? { extrahosts: `${request.cacheScope}.invalid:127.0.0.1` }
      : {}),
    ...(request.noCache ? { nocache: '1' } : {}),
  };
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: '/build?',
        method: 'POST',
        options: { _query: query },
        file: tar,
        isStream: true,
        abortSignal: cut,
        statusCodes: { 200: true, 400: 'bad parameter', 500: 'server error' },
      },
      (error, response) => (error ? reject(error) : resolve(response as IncomingMessage)),
    );
  });
}

/** Reads the Engine's events to their end: success is an image id, no error and a whole answer. */
async function follow(response: IncomingMessage, request: BuildRequest) {
  // Finds out that a remote Engine's machine is gone, which a silent build would not.
  response.socket.setKeepAlive?.(true, 30_000);
  const progress = emptyProgress();
  let imageId: string | null = null;
  let failure: string | null = null;
  for await (const event of jsonLines(response)) {
    const { id, aux, stream, errorDetail, error } = event as EngineEvent;
    if (id === 'moby.buildkit.trace' && typeof aux === 'string')
      for (const line of progressLines(progress, decodeTrace(aux))) {
        await request.onLine(line);
        request.signal.throwIfAborted();
      }
    else if (id === 'moby.image.id' && typeof aux === 'object') imageId = aux.ID;
    else if (errorDetail || error) failure ??= errorDetail?.message ?? error ?? '';
    else if (stream?.trim()) await request.onLine({ stream: 'status', text: stream.trim() });
  }
  request.signal.throwIfAborted();
  if (failure !== null)
    throw judgeFailure({
      message: failure,
      progress,
      dockerfileText: request.dockerfileText,
      buildArgs: request.buildArgs ?? {},
    });
  if (!response.complete || imageId === null)
    throw new EngineFailed('The Docker Engine ended the build without an image');
  return { imageId, hits: cacheHits(progress) };
}

type EngineEvent = {
  id?: string;
  aux?: string | { ID: string };
  stream?: string;
  error?: string;
  errorDetail?: { message: string };
};

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
