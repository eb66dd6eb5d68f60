import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import type Docker from 'dockerode';
import { contextTar } from '../git/context-tar.ts';
import { secretsOf } from '../registry/credentials.ts';
import { BuildFailed, EngineFailed } from './build-errors.ts';
import type { BuildRequest, Built } from './build-request.ts';
import { externalImages } from './external-images.ts';
import { refuseCustomFrontend } from './frontend.ts';
import { imageHost } from './image-names.ts';
import { isInfrastructure } from './judge-failure.ts';
import { addOutput, emptyOutput, endOutput } from './output-lines.ts';
import { eventsOf, postBuild } from './post-build.ts';
import { wholeTar } from './whole-tar.ts';

/**
 * Builds with the builder that Engines had before BuildKit: the context is sent as a tar, and there
 * are no secrets, no ssh and no mounts. The log says so. Throws BuildFailed and EngineFailed, and
 * whatever breaks the connection.
 */
export async function buildClassic(
  docker: Docker,
  request: BuildRequest,
  cut: AbortSignal,
): Promise<Built> {
  const { context, buildArgs = {} } = request;
  refuseCustomFrontend(context.dockerfileText, buildArgs);
  if (request.secrets?.size || request.sshAgents?.size)
    throw new BuildFailed(
      'This worker’s Engine has no BuildKit, without which a build gets no secrets and no ssh.',
    );
  await request.onLine({
    stream: 'status',
    text: 'This Engine has no BuildKit: its classic builder is used, which knows no RUN --mount and caches less.',
  });
  const tar = contextTar(context);
  // Errors of either end up as `errored`: the Engine's connection dies of them too, and says less.
  const body = pipeline(tar, wholeTar(), () => {});
  try {
    const headers = { 'X-Registry-Config': await registryConfig(request) };
    const response = await postBuild(docker, { query: queryOf(request), headers, body, cut });
    return await follow(response, request);
  } catch (error) {
    const contextError = tar.errored ?? body.errored;
    if (!contextError || cut.aborted) throw error;
    if (contextError instanceof BuildFailed) throw contextError;
    const message = `The build context could not be read: ${contextError.message}`;
    throw new EngineFailed(message, { cause: contextError });
  } finally {
    tar.destroy();
  }
}

function queryOf(request: BuildRequest): Record<string, string> {
  const { context, labels, buildArgs = {}, target, platform, cacheFrom } = request;
  return {
    ...{ dockerfile: context.dockerfile, t: request.tag, labels: JSON.stringify(labels) },
    buildargs: JSON.stringify(buildArgs),
    // A failed RUN would leave its container behind.
    ...{ rm: '1', forcerm: '1' },
    ...(target && { target }),
    ...(platform && { platform }),
    ...(cacheFrom?.length && { cachefrom: JSON.stringify(cacheFrom) }),
    ...(request.pull && { pull: '1' }),
    ...(request.noCache && { nocache: '1' }),
  };
}

/** This builder asks for nothing while it runs: it is given what its images' hosts need before. */
async function registryConfig({ credentials, context, buildArgs = {} }: BuildRequest) {
  const images = externalImages(context.dockerfileText, buildArgs) ?? [];
  const hosts = new Set(images.map(imageHost));
  const all = await Promise.all(
    [...hosts].map(async (host) => [host, (await credentials?.(host)) ?? {}] as const),
  );
  const known = all.filter(([, auth]) => secretsOf(auth).length > 0);
  const encoded = Buffer.from(JSON.stringify(Object.fromEntries(known))).toString('base64');
  // Base64 of URLs, padded: an Engine takes what it cannot decode for no credentials at all.
  return encoded.replaceAll('+', '-').replaceAll('/', '_');
}

/** Reads the Engine's events to their end, as docker does; what RUNs print comes in pieces. */
async function follow(response: IncomingMessage, request: BuildRequest): Promise<Built> {
  const output = emptyOutput(request.mask);
  const hits = { cached: 0, total: 0 };
  const lastLines: string[] = [];
  let imageId: string | null = null;
  let failure: string | null = null;
  let step = '';
  let isCounted = false;
  const say = async (text: string): Promise<void> => {
    const [, instruction] = /^Step \d+\/\d+ : (.*)$/.exec(text) ?? [];
    if (instruction !== undefined) {
      step = instruction;
      lastLines.length = 0;
      isCounted = /^(RUN|COPY|ADD|WORKDIR)\b/i.test(instruction);
      if (isCounted) hits.total += 1;
    } else if (text === ' ---> Using cache') hits.cached += isCounted ? 1 : 0;
    else if (!own.test(text)) lastLines.push(text);
    if (lastLines.length > tailLength) lastLines.shift();
    const isStatus = instruction !== undefined || own.test(text);
    await request.onLine({ stream: isStatus ? 'status' : 'stdout', text });
    request.signal.throwIfAborted();
  };
  for await (const { aux, stream, errorDetail, error } of eventsOf(response)) {
    if (typeof aux === 'object') imageId = aux.ID;
    if (errorDetail || error) failure ??= errorDetail?.message ?? error ?? '';
    for (const text of stream ? addOutput(output, Buffer.from(stream)) : []) await say(text);
  }
  for (const text of endOutput(output)) await say(text);
  request.signal.throwIfAborted();
  if (failure !== null) throw judge(failure, step, lastLines);
  if (!response.complete || imageId === null)
    throw new EngineFailed('The Docker Engine ended the build without an image');
  return { imageId, ...hits };
}

/** The builder's own lines among those of commands. */
const own = /^( ---> |Removing intermediate container |Successfully (built|tagged) )/;

/** How many lines of an instruction's output are kept for the report of its failure. */
const tailLength = 20;

function judge(message: string, failedStep: string, lastLines: string[]) {
  const exit = / returned a non-zero code: (\d+)$/.exec(message);
  if (exit) {
    const exitCode = Number(exit[1]);
    const known = { failedStep, exitCode, lastLines };
    return new BuildFailed(`${failedStep} failed: exit code ${exitCode}`, known);
  }
  const said = message.slice(0, 300);
  return isInfrastructure(message)
    ? new EngineFailed(`The build broke off: ${said}`)
    : new BuildFailed(`The Dockerfile cannot be built: ${said}`, { failedStep, lastLines });
}
