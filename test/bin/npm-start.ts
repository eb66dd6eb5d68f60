import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type RunningProcess, startProcess } from '../../bin/embedded/process.ts';

/** One run of what `npm start` runs. */
export type StartRun = {
  process: RunningProcess;
  /** Everything it printed so far. */
  output(): string;
  /** Waits until it has printed this; fails when it ends before. */
  until(text: string): Promise<void>;
};

/** An environment for `npm start` with a GitHub App that nobody reaches. */
export const appEnvironment = (folder: string): NodeJS.ProcessEnv => ({
  ...localEnvironment(folder),
  APP_ID: '1',
  PRIVATE_KEY: generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey,
  WEBHOOK_SECRET: 'secret',
});

/** An environment for `npm start` without a GitHub App, on any port and the test run's engine. */
export const localEnvironment = (folder: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: folder,
  DATA_DIR: folder,
  PORT: '0',
  DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST,
});

/** Runs `bin/start`, compiled, with exactly this environment. */
export const runStart = async (env: NodeJS.ProcessEnv): Promise<StartRun> => {
  const lines: string[] = [];
  const child = await startProcess({
    name: 'bin/start.js',
    command: process.execPath,
    args: ['--enable-source-maps', fileURLToPath(new URL('../../bin/start.js', import.meta.url))],
    env,
    grace: 30_000,
    onLine: (line) => lines.push(line),
  });
  let end: string | undefined;
  void child.ended.then((how) => {
    end = how;
  });
  const output = () => lines.join('\n');
  const until = async (text: string) => {
    while (!output().includes(text)) {
      if (end) throw new Error(`It ended with ${end} and had not printed "${text}":\n${output()}`);
      await sleep(50);
    }
  };
  return { process: child, output, until };
};
