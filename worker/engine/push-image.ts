import type { IncomingMessage } from 'node:http';
import type Docker from 'dockerode';
import type { RegistryAuth } from '../registry/registry-auth.ts';
import { jsonLines } from './json-lines.ts';
import type { EngineLine } from './plain-progress.ts';
import { PushInterrupted, PushRefused } from './push-errors.ts';
import { type PushProgress, watchForStall } from './push-stall.ts';

/** What to push, as whom, and where its log goes. */
export type PushRequest = {
  /** The image in the Engine (`sha256:…` or a name) to tag first; `image:tag` itself if left out. */
  imageId?: string;
  /** Registry and repository: `registry.example.com/acme/web`. */
  image: string;
  tag: string;
  auth: RegistryAuth;
  signal: AbortSignal;
  onLine: (line: EngineLine) => void | Promise<void>;
  /** The push counts as interrupted after this long without getting on, in milliseconds. */
  stallTimeout: number;
};

/**
 * Tags an image and pushes it once; the digest is the manifest's in the registry. Throws
 * PushRefused when trying again is pointless, PushInterrupted when it is not, and the signal's
 * reason when that was aborted. See https://docs.docker.com/reference/api/engine/version/v1.41/
 * for `POST /images/{name}/push`.
 */
export async function pushImage(docker: Docker, request: PushRequest): Promise<{ digest: string }> {
  const { signal, image, tag, stallTimeout } = request;
  const cut = new AbortController();
  const onAbort = () => cut.abort();
  signal.addEventListener('abort', onAbort);
  const stall = watchForStall(stallTimeout, (error) => cut.abort(error));
  try {
    signal.throwIfAborted();
    await tagged(docker, request, cut.signal);
    const response = (await docker.getImage(image).push({
      tag,
      // Without this header, even an empty one, the Engine refuses the request.
      authconfig: request.auth,
      abortSignal: cut.signal,
    })) as IncomingMessage;
    return await follow(response, request, stall.heard);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (cut.signal.aborted) throw cut.signal.reason;
    if (error instanceof PushRefused || error instanceof PushInterrupted) throw error;
    throw judge(image, text(error), error);
  } finally {
    stall.end();
    signal.removeEventListener('abort', onAbort);
    cut.abort();
  }
}

/**
 * Takes a name off an image, and the image away when that was its last name. The build cache stays.
 * A name that is not there, or an image in use, is left alone. Throws if the Engine does not answer.
 */
export async function removeImage(docker: Docker, reference: string): Promise<void> {
  try {
    // An Engine that hangs is not to hold whoever tidies up behind itself.
    const abortSignal = AbortSignal.timeout(patience);
    await docker.getImage(reference).remove({ noprune: true, abortSignal });
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode !== 404 && statusCode !== 409) throw error;
  }
}

/** A large image takes its time, in milliseconds. */
const patience = 10_000;

async function tagged(
  docker: Docker,
  { imageId, image, tag }: PushRequest,
  cut: AbortSignal,
): Promise<void> {
  // The name becomes part of a URL, which dockerode does not escape.
  if (!/^[\w.:[\]-]+(\/[\w.-]+)+$/.test(image) || !/^\w[\w.-]{0,127}$/.test(tag))
    throw new PushRefused(`${image}:${tag} is not a name an image can have`, false);
  if (imageId) await docker.getImage(imageId).tag({ repo: image, tag, abortSignal: cut });
}

/** Reads the Engine's events to their end; the digest comes with the last one. */
async function follow(
  response: IncomingMessage,
  request: PushRequest,
  onEvent: (event: PushEvent) => void,
): Promise<{ digest: string }> {
  let digest: string | null = null;
  for await (const event of jsonLines(response)) {
    onEvent(event as PushEvent);
    request.signal.throwIfAborted();
    const { id, status, error, errorDetail, aux } = event as PushEvent;
    if (error || errorDetail) throw judge(request.image, errorDetail?.message ?? error ?? '');
    if (aux?.Digest) digest = aux.Digest;
    const isDigest = status?.includes(': digest: ') ?? false;
    const isNote = /^(Pushed|Layer already exists|Mounted from .*)$/.test(status ?? '');
    if (isDigest) await request.onLine({ stream: 'status', text: status! });
    if (isNote) await request.onLine({ stream: 'status', text: `${id}: ${status}` });
  }
  if (digest === null || !response.complete)
    throw new PushInterrupted('The Docker Engine ended the push without a digest');
  return { digest };
}

type PushEvent = PushProgress & {
  error?: string;
  errorDetail?: { message: string };
  aux?: { Digest?: string };
};

/** Whether the registry's or Engine's words are final; there is nothing but text to go by. */
function judge(image: string, words: string, cause?: unknown): PushRefused | PushInterrupted {
  const said = words.slice(0, 2000).replace(/\s+/g, ' ').trim().slice(0, 500);
  const options = cause === undefined ? {} : { cause };
  const host = image.split('/')[0]!;
  const isUnauthorized = unauthorized.test(said);
  if (isUnauthorized || refused.test(said))
    return new PushRefused(`${host} refused the image: ${said}`, isUnauthorized, options);
  return new PushInterrupted(said, options);
}

const unauthorized =
  /unauthorized|denied|no basic auth credentials|authentication required|insufficient_scope|\b40[13]\b/i;
const refused =
  /manifest invalid|manifest blob unknown|does not exist locally|no such image|name unknown|name invalid|not known to registry|invalid reference|immutable|unsupported|\b413\b|HTTP response to HTTPS client/i;

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
