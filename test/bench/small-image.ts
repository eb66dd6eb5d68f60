import type { Slipway } from '../system/start-slipway.ts';
import { cloneBuildPush } from './by-hand.ts';
import { quantile, timed } from './median.ts';
import { pushToImage, type StepTimes } from './push-to-image.ts';

const runs = 7;

/**
 * From a push to its image with every tag in the registry, beside `git clone --depth 1`, `docker
 * build` and a `docker push` of the same three tags by hand; a new commit each run, in turns.
 */
export async function benchSmallImage(slipway: Slipway): Promise<string> {
  const repo = await slipway.github.createRepository('bench', 'small');
  const dockerfile = 'FROM slipway-test/base:1\nCOPY run.txt /\nRUN cat /run.txt\n';
  const files = (run: string) => ({ Dockerfile: dockerfile, 'run.txt': run });
  const ours: StepTimes[] = [];
  const byHand: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const mine = await pushToImage(slipway, repo, files(`ours ${run}`));
    const theirs = await repo.commit({ files: files(`by hand ${run}`), message: `hand ${run}` });
    await repo.setRef('refs/heads/hand', theirs);
    const hand = await timed(() => cloneBuildPush(`${slipway.github.url}/bench/small.git`));
    // The first run of each warms the caches and does not count.
    if (run === 0) continue;
    ours.push(mine);
    byHand.push(hand);
  }
  return compare(`small image, median of ${runs}`, ours, byHand);
}

/** One line with both sides and their ratio, and one with where our time goes. */
export function compare(what: string, ours: StepTimes[], byHand: number[]): string {
  const median = (name: string) =>
    quantile(
      ours.map((times) => times[name] ?? 0),
      0.5,
    );
  const [a, b] = [median('all'), quantile(byHand, 0.5)];
  const parts = Object.keys(ours[0] ?? {}).filter((name) => name !== 'all');
  return [
    `${what}: Slipway ${a.toFixed(0)} ms, by hand ${b.toFixed(0)} ms, ratio ${(a / b).toFixed(2)}`,
    `  of which ${parts.map((name) => `${name} ${median(name).toFixed(0)} ms`).join(', ')}`,
  ].join('\n');
}
