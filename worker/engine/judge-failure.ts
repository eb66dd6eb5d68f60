import { BuildFailed, EngineFailed, type FailedInstruction } from './build-errors.ts';
import type { Instruction } from './dockerfile.ts';
import { failedInstruction } from './failed-instruction.ts';
import { isInstruction, type Progress, type Shown } from './plain-progress.ts';

/** What is known when the Engine says that a build failed. */
export type Verdict = {
  /** The Engine's own words. */
  message: string;
  progress: Progress;
  dockerfileText: string;
  buildArgs: Record<string, string>;
};

/**
 * Turns the Engine's words for a failed build into whose fault it was. BuildKit only has text: an
 * exit code is what ends `executor failed running [/bin/sh -c …]: exit code: 3`.
 */
export function judgeFailure(verdict: Verdict): BuildFailed | EngineFailed {
  const message = withoutWrapping(verdict.message);
  const failed = failedVertex(verdict.progress, message);
  const name = failed?.vertex.name ?? '';
  const instruction = failed
    ? failedInstruction(verdict.dockerfileText, name, verdict.buildArgs)
    : null;
  const known: FailedInstruction = {
    failedStep: failed && isInstruction(name) ? clip(name.replace(/^\[[^\]]*\] /, '')) : null,
    exitCode: null,
    line: instruction?.line ?? null,
    endLine: instruction?.endLine ?? null,
    lastLines: failed?.tail ?? [],
  };
  if (startFailed(known.lastLines))
    return new EngineFailed(`${known.failedStep} could not be started: ${known.lastLines.at(-1)}`);
  const exit = /exit code: (\d{1,10})$/.exec(message);
  if (exit && known.failedStep) return commandFailed(known, Number(exit[1]));
  if (/^(?:executor failed running \[|process ")/.test(message))
    return new EngineFailed(
      `${known.failedStep ?? 'A command'} could not be run: ${clip(afterCommand(message))}`,
    );
  const syntax = /dockerfile parse error (?:on )?line (\d{1,9}): (.+)$/is.exec(message);
  if (syntax) return syntaxError(Number(syntax[1]), syntax[2]!);
  const image = /^(?:\[internal\] load metadata for|FROM) (\S+)/.exec(name)?.[1];
  if (image) return baseImageFailed(image, message, known, instruction);
  const missing = /failed to read dockerfile: open \S*buildkit-mount\d+\/(\S+): no such/.exec(
    message,
  );
  if (missing) return new BuildFailed(`There is no ${clip(missing[1]!)} in the build context`);
  if (isInfrastructure(message)) return new EngineFailed(`The build broke off: ${clip(message)}`);
  const what = known.failedStep ? `${known.failedStep} failed` : 'The Dockerfile cannot be built';
  return new BuildFailed(`${what}: ${clip(message)}`, known);
}

function commandFailed(known: FailedInstruction, exitCode: number): BuildFailed {
  const killed = exitCode === 137 ? ' (killed, perhaps for want of memory)' : '';
  const message = `${known.failedStep} failed: exit code ${exitCode}${killed}`;
  return new BuildFailed(message, { ...known, exitCode });
}

const syntaxError = (line: number, what: string): BuildFailed =>
  new BuildFailed(`Line ${line} of the Dockerfile: ${clip(what)}`, { line, endLine: line });

function baseImageFailed(
  image: string,
  message: string,
  known: FailedInstruction,
  instruction: Instruction | null,
): BuildFailed | EngineFailed {
  const where = instruction ? ` (line ${instruction.line})` : '';
  if (isInfrastructure(message))
    return new EngineFailed(`The base image ${image} could not be fetched: ${clip(message)}`);
  if (/pull access denied|unauthorized|authorization failed|denied|\b40[13]\b/i.test(message))
    return new BuildFailed(
      `The base image ${image}${where} does not exist or may not be pulled from here`,
      known,
    );
  if (/not found/i.test(message))
    return new BuildFailed(`The base image ${image}${where} does not exist`, known);
  return new BuildFailed(`The base image ${image}${where} cannot be used: ${clip(message)}`, known);
}

/** Whether words are of disk, network or registries; ask only where no command's text is quoted. */
export const isInfrastructure = (message: string): boolean =>
  [
    /no space left on device|disk quota exceeded|input\/output error|read-only file system/i,
    /\bdial (tcp|udp|unix)|connection (refused|reset)|broken pipe|no route to host|unreachable/i,
    /no such host|server misbehaving|i\/o timeout|timed? ?out|deadline exceeded|Client\.Timeout/i,
    /tls: |x509: |TLS handshake|HTTP response to HTTPS client|\bEOF$/i,
    /\b5\d\d (Internal|Bad|Service|Gateway|Not Impl|HTTP|Insufficient|unknown)/i,
    /status(?: code)?:? "?5\d\d|too ?many ?requests|toomanyrequests|\b429\b/i,
    /context canceled|code = (Unavailable|Canceled|ResourceExhausted|Internal)\b/i,
    /failed to mount|cannot allocate memory|failed to (?:prepare|commit|create snapshot)/i,
    /no active session|runc did not terminate|containerd|shim/i,
  ].some((pattern) => pattern.test(message));

/** What follows the quoted command in `executor failed running [/bin/sh -c …]: no network`. */
const afterCommand = (message: string): string =>
  message.replace(/^.*(?:\]|successfully): (?=.)/s, '');

/**
 * Whether a command never ran because the machine lacked something. The runtime says so in the
 * command's output, where a hostile command can say it too: all that gains it is another try.
 */
const startFailed = (lastLines: string[]): boolean =>
  /^runc run failed: .*(no space left|cannot allocate memory|temporarily unavailable|cgroup)/.test(
    lastLines.at(-1) ?? '',
  );

/** The vertex whose error ended the build; others were cancelled for it or failed harmlessly. */
function failedVertex(progress: Progress, message: string): Shown | null {
  const failed = [...progress.shown.values()].filter(({ vertex }) => vertex.error !== '');
  const meant = failed.find(({ vertex }) => message.endsWith(withoutWrapping(vertex.error)));
  if (meant) return meant;
  const own = failed.filter(({ vertex }) => !/context canceled$/.test(vertex.error));
  return own.findLast(({ vertex }) => isInstruction(vertex.name)) ?? null;
}

/** Takes off what every message starts with and says nothing. */
const withoutWrapping = (message: string): string =>
  message
    .trim()
    .replace(/^failed to solve(?: with frontend [\w.-]+)?: /, '')
    .replace(/^rpc error: code = Unknown desc = /, '')
    .replace(/^failed to create LLB definition: /, '');

const clip = (text: string): string => {
  const line = text.slice(0, 600).replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
};
