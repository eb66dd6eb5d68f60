import { randomBytes } from 'node:crypto';
import type { Slipway } from '../system/start-slipway.ts';
import { cloneBuildPush } from './by-hand.ts';
import { timed } from './median.ts';
import { pushToImage, type StepTimes } from './push-to-image.ts';
import { compare } from './small-image.ts';

const runs = 7;
const fileCount = 5_000;
const fileSize = 10_000;

/** As the small image, of a repository of 50 MB in 5,000 files of which each commit changes one. */
export async function benchLargeImage(slipway: Slipway): Promise<string> {
  const repo = await slipway.github.createRepository('bench', 'large');
  const dockerfile = 'FROM slipway-test/base:1\nCOPY . /src\nRUN cat /src/run.txt\n';
  const many = Object.fromEntries(
    Array.from({ length: fileCount }, (_, i) => [
      `folder-${i % 50}/file-${i}.txt`,
      randomBytes(fileSize * 0.75).toString('base64'),
    ]),
  );
  await repo.commit({ files: { Dockerfile: dockerfile, ...many }, branch: 'main' });
  const ours: StepTimes[] = [];
  const byHand: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const mine = await pushToImage(slipway, repo, { 'run.txt': `ours ${run}` });
    await repo.commit({ files: { 'run.txt': `by hand ${run}` }, branch: 'main' });
    await repo.setRef('refs/heads/hand', (await repo.ref('refs/heads/main')) ?? null);
    const hand = await timed(() => cloneBuildPush(`${slipway.github.url}/bench/large.git`));
    if (run === 0) continue;
    ours.push(mine);
    byHand.push(hand);
  }
  return compare(`50 MB in 5,000 files, one changed, median of ${runs}`, ours, byHand);
}
