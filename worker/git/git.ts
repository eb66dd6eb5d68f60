import { devNull } from 'node:os';
import { execa } from 'execa';

/** How git may reach a repository, and which part of the disk it may use. */
export type GitAccess = { home: string; url: string; token: string | null; path: string };

/** What one run of git has beside its arguments. */
export type GitOptions = {
  input?: string;
  settings?: [key: string, value: string][];
  /** The most it may print, in bytes; more throws {@link TooMuchPrinted}. */
  mostBytes?: number;
};

/**
 * Runs git for one repository and answers what it printed. Throws what it said of an error, or the
 * signal's reason if that was aborted.
 */
export async function git(
  access: GitAccess,
  folder: string,
  args: string[],
  signal: AbortSignal,
  options: GitOptions = {},
): Promise<string> {
  return (await gitBytes(access, folder, args, signal, options)).toString('utf8').trimEnd();
}

/** The same for output that may not be UTF-8, to its last byte. */
export async function gitBytes(
  access: GitAccess,
  folder: string,
  args: string[],
  signal: AbortSignal,
  { input, settings = [], mostBytes }: GitOptions = {},
): Promise<Buffer> {
  signal.throwIfAborted();
  const running = execa('git', args, {
    cwd: folder,
    extendEnv: false,
    // A group of its own: git alone would leave its helpers waiting for the host.
    detached: true,
    reject: false,
    encoding: 'buffer',
    ...(input === undefined ? {} : { input }),
    ...(mostBytes === undefined ? {} : { maxBuffer: mostBytes }),
    env: gitEnvironment(access, settings),
  });
  const onAbort = () => {
    endGroup(running.pid, 'SIGTERM');
    setTimeout(() => isEnded || endGroup(running.pid, 'SIGKILL'), grace).unref();
  };
  let isEnded = false;
  signal.addEventListener('abort', onAbort);
  const result = await running.finally(() => {
    isEnded = true;
    signal.removeEventListener('abort', onAbort);
  });
  signal.throwIfAborted();
  if (result.isMaxBuffer) throw new TooMuchPrinted(args);
  if (result.failed) {
    const printed = Buffer.from(result.stderr).toString('utf8').trimEnd();
    throw new GitFailed(args, printed || String(result.shortMessage), result.exitCode);
  }
  return Buffer.from(result.stdout);
}

/** What git and its helpers may take to remove their locks before they are killed, in milliseconds. */
const grace = 5_000;

function endGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (leader !== undefined) process.kill(-leader, signal);
  } catch (error) {
    // They have ended by themselves.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * The whole environment of a git process: nothing of the machine's own configuration, no prompt, no
 * hooks and no protocol but HTTP. The token goes to this one host only: in the URL it would show in
 * `ps`, and an unscoped header would go to any host a submodule names
 * (https://git-scm.com/docs/gitcredentials).
 */
export function gitEnvironment(
  access: GitAccess,
  settings: [key: string, value: string][] = [],
): Record<string, string> {
  const helper =
    '!f() { test "$1" = get && printf "username=x-access-token\\npassword=%s\\n" "$SLIPWAY_TOKEN"; }; f';
  const all: [string, string][] = [
    ['core.hooksPath', devNull],
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '60'],
    ['advice.detachedHead', 'false'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ...(access.token
      ? [[`credential.${new URL(access.url).origin}.helper`, helper] as [string, string]]
      : []),
    ...settings,
  ];
  return {
    PATH: access.path,
    HOME: access.home,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'http:https',
    ...(access.token && { SLIPWAY_TOKEN: access.token }),
    GIT_CONFIG_COUNT: String(all.length),
    ...Object.fromEntries(
      all.flatMap(([key, value], i) => [
        [`GIT_CONFIG_KEY_${i}`, key],
        [`GIT_CONFIG_VALUE_${i}`, value],
      ]),
    ),
  };
}

/** git printed more than was asked for. */
export class TooMuchPrinted extends Error {
  override name = 'TooMuchPrinted';

  constructor(args: string[]) {
    super(`git ${args.find((arg) => !arg.startsWith('-'))} printed more than it may`);
  }
}

/** git ended with an error; `printed` is what it said. */
export class GitFailed extends Error {
  override name = 'GitFailed';
  readonly printed: string;
  /** Undefined where a signal ended git, or it could not be started. */
  readonly exitCode: number | undefined;

  constructor(args: string[], printed: string, exitCode?: number) {
    const command = args.find((arg) => !arg.startsWith('-'));
    super(`git ${command} failed: ${printed.trim().split('\n').slice(-3).join(' ')}`);
    this.printed = printed;
    this.exitCode = exitCode;
  }
}
