import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { type EmbeddedEngine, startEngine } from '../../bin/embedded/engine.ts';
import { importBaseImage } from '../services/base-image.ts';

/** A Docker Engine that a test may break, with the base image in it. */
export type OwnEngine = {
  /** For DOCKER_HOST; the same after a restart. */
  host: string;
  kill: (signal: NodeJS.Signals) => void;
  /** Resolves once dockerd has ended. */
  ended: () => Promise<unknown>;
  /** Ends dockerd as an operator would. */
  stop: () => Promise<void>;
  /** Starts it again with the images it had. */
  start: () => Promise<void>;
  remove: () => Promise<void>;
};

/** Starts an Engine beside that of the other tests. */
export async function startOwnEngine(): Promise<OwnEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-engine-'));
  const start = () => startEngine({ folder: join(folder, 'engine') });
  let engine: EmbeddedEngine = await start();
  const { host } = engine;
  await importBaseImage(new Docker({ socketPath: new URL(host).pathname }), join(folder, 'base'));
  return {
    host,
    kill: (signal) => engine.kill(signal),
    ended: () => engine.process.ended,
    stop: () => engine.stop(),
    async start() {
      engine = await start();
    },
    async remove() {
      engine.kill('SIGCONT');
      await engine.stop();
      await rm(folder, { recursive: true });
    },
  };
}
