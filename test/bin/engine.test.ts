import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { execa } from 'execa';
import { type EmbeddedEngine, startEngine } from '../../bin/embedded/engine.ts';
import { engineTag, runFolder } from '../../bin/embedded/engine-remains.ts';
import { findEngine } from '../../bin/embedded/find-engine.ts';
import { explain } from '../../bin/embedded/process.ts';
import { isAlive } from '../../bin/embedded/stale.ts';
import { baseImage, importBaseImage } from '../services/base-image.ts';

describe('an embedded engine, beside another one', () => {
  let folder: string;
  let engine: EmbeddedEngine;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-engine-'));
    engine = await startEngine({ folder });
    await importBaseImage(docker(), join(folder, 'base'));
  });

  afterAll(async () => {
    await engine.stop();
    await rm(folder, { recursive: true });
  });

  test('is found where DOCKER_HOST says, and nowhere else', async () => {
    expect(await findEngine({ DOCKER_HOST: engine.host })).toBe(engine.host);
    expect(await findEngine({ DOCKER_HOST: 'unix:///nobody/docker.sock' })).toBeNull();
    expect(await findEngine({ DOCKER_HOST: 'tcp://127.0.0.1:1' })).toBeNull();
    expect(await findEngine({ DOCKER_HOST: 'not an address' })).toBeNull();
  });

  test('keeps off the other engine: its own bridge, its own addresses', async () => {
    const other = new Docker({ socketPath: socket(process.env.SLIPWAY_TEST_DOCKER_HOST!) });
    const [ours, theirs] = await Promise.all([address(docker()), address(other)]);
    expect(ours).not.toBe(theirs);
    expect((await docker().info()).DockerRootDir).toContain(folder);
  });

  test('keeps what it says in a file, which the message names when it dies', async () => {
    const { logFile = '' } = engine.process;
    expect(await readFile(logFile, 'utf8')).toContain('level=warning');
    const message = explain(engine.process, 'ended by itself');
    expect(message).toContain(`dockerd ended by itself. All that it said is in ${logFile}.`);
    expect(message).not.toContain('only one connection allowed');
  });

  test('is killed with a container running: the next start removes it and keeps the images', async () => {
    const container = await docker().createContainer({ Image: baseImage, Cmd: ['sleep', '1000'] });
    await container.start();
    const { State } = await container.inspect();
    engine.kill('SIGKILL');
    await engine.process.ended;
    expect(await isAlive(State.Pid)).toBe(true);
    engine = await startEngine({ folder });
    expect(await isAlive(State.Pid)).toBe(false);
    expect((await docker().getImage(baseImage).inspect()).Id).toMatch(/^sha256:/);
  });

  test('leaves nothing outside its folder when it is stopped', async () => {
    await engine.stop();
    const [links, rules, nat, mounts] = await Promise.all([
      execa('ip', ['-o', 'link']),
      execa('iptables', ['-S'], { reject: false }),
      execa('iptables', ['-t', 'nat', '-S'], { reject: false }),
      readFile('/proc/self/mountinfo', 'utf8'),
    ]);
    const all = [links.stdout, rules.stdout, nat.stdout, mounts].join('\n');
    expect(all).not.toContain(engineTag(folder));
    expect(all).not.toContain(folder);
    expect(existsSync(runFolder(folder))).toBe(false);
  });

  const socket = (host: string): string => host.replace('unix://', '');

  const docker = () => new Docker({ socketPath: socket(engine.host) });

  const address = async (one: Docker): Promise<string | undefined> => {
    const network = await one.getNetwork('bridge').inspect();
    return network.IPAM?.Config?.[0]?.Subnet;
  };
});
