import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The environment of every git process: nobody's configuration, English messages. */
export const gitEnvironment = (): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: tmpdir(),
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_COMMITTER_NAME: 'GitHub',
  GIT_COMMITTER_EMAIL: 'noreply@github.example',
});

/** Runs git in a folder and answers its standard output; throws with its standard error. */
export const git = async (
  folder: string,
  args: readonly string[],
  input?: Buffer | string,
): Promise<Buffer> => {
  const running = run('git', args, {
    cwd: folder,
    env: gitEnvironment(),
    encoding: 'buffer',
    maxBuffer: 512 * 1024 * 1024,
  });
  running.child.stdin?.on('error', () => undefined);
  running.child.stdin?.end(input ?? '');
  return (await running).stdout;
};

/** The same for output that is text, without the white space around it. */
export const gitText = async (folder: string, args: readonly string[]): Promise<string> =>
  (await git(folder, args)).toString('utf8').trim();

/** The same for questions to which a failing git is the answer no. */
export const gitMaybe = async (
  folder: string,
  args: readonly string[],
): Promise<string | undefined> => gitText(folder, args).catch(() => undefined);
