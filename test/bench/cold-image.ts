import { execa } from 'execa';
import type { Slipway } from '../system/start-slipway.ts';
import { sideBySide } from './side-by-side.ts';

/** A small repository with some work in it, built by an Engine that has nothing but the base. */
export async function benchColdImage(slipway: Slipway): Promise<string> {
  const work = 'head -c 300000000 /dev/zero | sha256sum > /sum';
  const dockerfile = (run: string) =>
    `FROM slipway-test/base:1\nRUN ${work} # ${run}\nCOPY run.txt /\n`;
  return sideBySide(slipway, 'small image with work, cold', {
    repo: await slipway.github.createRepository('bench', 'cold'),
    change: (run) => ({ Dockerfile: dockerfile(run), 'run.txt': run }),
    before: emptyCache,
    ...{ runs: 5, warmUps: 1 },
  });
}

async function emptyCache(): Promise<void> {
  const env = { DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST ?? '' };
  await execa('/usr/bin/docker', ['builder', 'prune', '--all', '--force'], { env });
}
