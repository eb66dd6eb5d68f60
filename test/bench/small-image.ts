import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Slipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { quantile, timed } from './median.ts';

const runs = 7;

/**
 * From a push to its image with every tag in the registry, beside `git clone --depth 1`, `docker
 * build` and a `docker push` of the same three tags by hand; a new commit each run.
 */
export async function benchSmallImage({ github, build, url }: Slipway): Promise<string> {
  const repo = await github.createRepository('bench', 'small');
  const ours: number[] = [];
  const byHand: number[] = [];
  const commit = (run: string) =>
    repo.commit({
      files: {
        Dockerfile: 'FROM slipway-test/base:1\nCOPY run.txt /\nRUN cat /run.txt\n',
        'run.txt': run,
      },
      message: run,
    });
  for (let run = 0; run <= runs; run += 1) {
    const sha = await commit(`ours ${run}`);
    const mine = await timed(async () => {
      await repo.push({ ref: 'refs/heads/main', after: sha });
      await until('the image', async () => (await build(sha))?.state === 'succeeded');
    });
    const theirs = await commit(`by hand ${run}`);
    await repo.setRef('refs/heads/hand', theirs);
    const hand = await timed(() => cloneBuildPush(`${github.url}/bench/small.git`));
    // The first run of each warms the caches and does not count.
    if (run > 0) {
      ours.push(mine);
      byHand.push(hand);
    }
  }
  const [a, b] = [quantile(ours, 0.5), quantile(byHand, 0.5)];
  return `small image, median of ${runs}: Slipway ${a.toFixed(0)} ms, by hand ${b.toFixed(0)} ms, ratio ${(a / b).toFixed(2)} (${url})`;
}

async function cloneBuildPush(repository: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const image = `${process.env.SLIPWAY_TEST_REGISTRY}/bench/by-hand`;
  const env = { DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST ?? '', DOCKER_BUILDKIT: '1' };
  const tags = ['sha', 'main', 'latest'].map((tag) => `${image}:${tag}`);
  await execa('git', ['clone', '-q', '--depth', '1', '-b', 'hand', repository, folder]);
  await execa('/usr/bin/docker', ['build', '-q', ...tags.flatMap((tag) => ['-t', tag]), folder], {
    env,
  });
  for (const tag of tags) await execa('/usr/bin/docker', ['push', '-q', tag], { env });
  await rm(folder, { recursive: true });
}
