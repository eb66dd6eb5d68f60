import type { Slipway } from '../system/start-slipway.ts';
import { cloneBuildPush } from './by-hand.ts';
import { largeRepository } from './large-repository.ts';
import { timed } from './median.ts';
import { pushTagToImage, pushToImage, type Repository, type StepTimes } from './push-to-image.ts';
import { compare } from './side-by-side.ts';

const runs = 7;

/**
 * A git tag on a commit that was built already: nothing is to be made anew. By hand the same inputs
 * are cloned, found in the cache by docker, and pushed.
 */
export async function benchIdentical(slipway: Slipway): Promise<string> {
  const small = await slipway.github.createRepository('bench', 'same-small');
  const dockerfile = 'FROM slipway-test/base:1\nCOPY run.txt /\nRUN cat /run.txt\n';
  await small.commit({ files: { Dockerfile: dockerfile }, branch: 'main' });
  const large = await largeRepository(slipway, 'same-large');
  return [
    await measure(slipway, 'identical inputs, 50 MB in 5,000 files', large),
    await measure(slipway, 'identical inputs, small image', small),
  ].join('\n');
}

async function measure(slipway: Slipway, what: string, repo: Repository): Promise<string> {
  const url = `${slipway.github.url}/${repo.fullName}.git`;
  await pushToImage(slipway, repo, { 'run.txt': 'the same' });
  const sha = (await repo.ref('refs/heads/main')) ?? '';
  await cloneBuildPush(url, 'main');
  const ours: StepTimes[] = [];
  const byHand: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    ours.push(await pushTagToImage(slipway, repo, sha, `v${run}`));
    byHand.push(await timed(() => cloneBuildPush(url, 'main')));
  }
  return compare(`${what}, median of ${runs}`, ours, { 'by hand, warm': byHand });
}
