import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** What people do without Slipway, with Debian's own `docker` and the Engine's BuildKit. */
export async function cloneBuildPush(repository: string, branch = 'hand'): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const image = `${process.env.SLIPWAY_TEST_REGISTRY}/bench/by-hand`;
  const env = { DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST ?? '', DOCKER_BUILDKIT: '1' };
  const docker = (...args: string[]) => execa('/usr/bin/docker', args, { env });
  const tags = ['sha', 'main', 'latest'].map((tag) => `${image}:${tag}`);
  await execa('git', ['clone', '-q', '--depth', '1', '-b', branch, repository, folder]);
  await docker('build', '-q', ...tags.flatMap((tag) => ['-t', tag]), folder);
  for (const tag of tags) await docker('push', '-q', tag);
  await rm(folder, { recursive: true });
}
