import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { registryProblem } from '../../../worker/registry/reachable.ts';

/** A registry of a test's own. */
export type OwnRegistry = { host: string; stop: () => Promise<void> };

/** A port that nothing listens on, at least a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a registry, for everybody or only for one user with one password. */
export async function startRegistry(
  port: number,
  login?: { username: string; password: string },
): Promise<OwnRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  const host = `127.0.0.1:${port}`;
  const config: Record<string, unknown> = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: host },
  };
  if (login) {
    const path = join(folder, 'htpasswd');
    const args = ['-Bbn', login.username, login.password];
    await writeFile(path, (await promisify(execFile)('htpasswd', args)).stdout);
    config.auth = { htpasswd: { realm: 'test', path } };
  }
  const configPath = join(folder, 'config.yml');
  // JSON is YAML.
  await writeFile(configPath, JSON.stringify(config));
  const process = spawn('docker-registry', ['serve', configPath], { stdio: 'ignore' });
  for (let tries = 0; await registryProblem(host, 1000); tries += 1) {
    if (tries > 200 || process.exitCode !== null) throw new Error('The registry does not start');
    await sleep(25);
  }
  return {
    host,
    stop: async () => {
      await ended(process);
      await rm(folder, { recursive: true });
    },
  };
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null) return;
  process.kill('SIGKILL');
  await new Promise((resolve) => process.once('exit', resolve));
}
