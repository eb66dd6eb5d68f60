import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';

const script = fileURLToPath(new URL('../../../bin/install.sh', import.meta.url));

describe('install.sh --dry-run', () => {
  let path: string;

  // A machine on which only the shell's own tools, Node and git are there.
  beforeAll(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'slipway-path-')), 'bin');
    await mkdir(path);
    for (const tool of ['sh', 'dirname', 'id', 'find', 'grep', 'dpkg-query', 'git', 'apt-get']) {
      await symlink((await execa('which', [tool])).stdout, join(path, tool));
    }
    await symlink(process.execPath, join(path, 'node'));
  });

  afterAll(() => rm(join(path, '..'), { recursive: true }));

  test('says in one sentence what it would install, and why', async () => {
    const { stdout } = await dryRun('start', { DOCKER_HOST: 'unix:///elsewhere.sock' });
    expect(stdout).toContain(
      'Installing with apt-get, without starting their services: ' +
        'redis-server (no REDIS_URL is set), docker-registry (no REGISTRY is set).',
    );
  });

  test('installs nothing for what the environment names', async () => {
    const { stdout } = await dryRun('start', {
      DOCKER_HOST: 'unix:///elsewhere.sock',
      REDIS_URL: 'redis://localhost',
      REGISTRY: 'ghcr.io',
    });
    expect(stdout).not.toContain('apt-get');
  });

  test('brings everything that the tests use, whatever the environment names', async () => {
    const { stdout } = await dryRun('test', {
      REDIS_URL: 'redis://localhost',
      REGISTRY: 'ghcr.io',
    });
    for (const name of [
      'redis-server',
      'docker-registry',
      'chromium',
      'apache2-utils',
      'git-lfs',
      'openssh-client',
    ]) {
      expect(stdout).toContain(` ${name} (`);
    }
  });

  test('asks what it is for', async () => {
    const { exitCode, stderr } = await dryRun('', {});
    expect(exitCode).toBe(1);
    expect(stderr).toContain('sh bin/install.sh start, test, bench or doctor');
  });

  const dryRun = (purpose: string, env: Record<string, string>) =>
    execa('/bin/sh', [script, purpose, '--dry-run'], {
      env: { PATH: path, ...env },
      extendEnv: false,
      reject: false,
    });
});
