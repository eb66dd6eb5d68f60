import type { Slipway } from '../system/start-slipway.ts';
import { cloneBuildPush } from './by-hand.ts';
import { startWebhook } from './by-webhook.ts';
import { quantile, timed } from './median.ts';
import { pushToImage, type Repository, type StepTimes } from './push-to-image.ts';

/** One repository, and what each commit of it changes. */
export type Case = {
  repo: Repository;
  /** What is committed for a run of one side; every text is another one. */
  change: (run: string) => Record<string, string>;
  runs: number;
  /** Runs before each measured one, such as emptying a cache. */
  before?: () => Promise<unknown>;
  /** Runs of each side that do not count, since they only warm the caches. */
  warmUps: number;
};

/**
 * Measures a push to its image with every tag in the registry, beside the same by hand and by
 * Debian's `webhook`: a new commit each run, the three in turns. Lines for people.
 */
export async function sideBySide(slipway: Slipway, what: string, one: Case): Promise<string> {
  const { repo, change, runs, warmUps, before = async () => {} } = one;
  const webhook = await startWebhook();
  const url = `${slipway.github.url}/${repo.fullName}.git`;
  const ours: StepTimes[] = [];
  const others: Record<'by hand' | 'webhook', number[]> = { 'by hand': [], webhook: [] };
  const commitFor = async (side: string, run: number) => {
    const parent = (await repo.ref('refs/heads/main')) ?? null;
    const sha = await repo.commit({ files: change(`${side} ${run}`), parent, message: side });
    await repo.setRef('refs/heads/hand', sha);
  };
  try {
    for (let run = 0; run < runs + warmUps; run += 1) {
      await before();
      const mine = await pushToImage(slipway, repo, change(`ours ${run}`));
      await before();
      await commitFor('by hand', run);
      const hand = await timed(() => cloneBuildPush(url));
      await before();
      await commitFor('webhook', run);
      const hooked = await timed(() => webhook.build(url, 'hand'));
      if (run < warmUps) continue;
      ours.push(mine);
      others['by hand'].push(hand);
      others.webhook.push(hooked);
    }
  } finally {
    await webhook.stop();
  }
  return compare(`${what}, median of ${runs}`, ours, others);
}

/** A line with our median, one for each other side with its ratio, and one with where ours goes. */
export function compare(what: string, ours: StepTimes[], others: Record<string, number[]>): string {
  const median = (name: string) =>
    quantile(
      ours.map((times) => times[name] ?? 0),
      0.5,
    );
  const parts = [...new Set(ours.flatMap((times) => Object.keys(times)))];
  const own = median('all');
  const beside = Object.entries(others).map(([side, times]) => {
    const other = quantile(times, 0.5);
    return `  ${side} ${other.toFixed(0)} ms, ratio ${(own / other).toFixed(2)}`;
  });
  const steps = parts.filter((name) => name !== 'all');
  return [
    `${what}: Slipway ${own.toFixed(0)} ms`,
    ...beside,
    `  of which ${steps.map((name) => `${name} ${median(name).toFixed(0)} ms`).join(', ')}`,
  ].join('\n');
}
