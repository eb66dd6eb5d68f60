import { setTimeout as sleep } from 'node:timers/promises';
import type { Slipway } from '../system/start-slipway.ts';

/** Milliseconds: `all` from GitHub's first byte to its image with every tag, then each part of it. */
export type StepTimes = Record<string, number>;

/** A repository of the bench. */
export type Repository = Awaited<ReturnType<Slipway['github']['createRepository']>>;

/**
 * Commits, pushes and waits for the image. The end is what the record says, which is written once
 * every tag is in the registry: asking more often would cost the build the processor it needs.
 */
export async function pushToImage(
  slipway: Slipway,
  repo: Repository,
  files: Record<string, string>,
): Promise<StepTimes> {
  const parent = (await repo.ref('refs/heads/main')) ?? null;
  const sha = await repo.commit({ files, parent, message: 'A commit of the bench' });
  const { deliveredAt } = await repo.push({ ref: 'refs/heads/main', after: sha });
  return timesOf(await ended(slipway, sha, 'refs/heads/main'), deliveredAt);
}

/** Pushes a git tag and waits for its image, whose commit may have been built before. */
export async function pushTagToImage(
  slipway: Slipway,
  repo: Repository,
  sha: string,
  tag: string,
): Promise<StepTimes> {
  const ref = `refs/tags/${tag}`;
  await repo.tag(tag, sha);
  const { deliveredAt } = await repo.push({ ref, after: sha });
  return timesOf(await ended(slipway, sha, ref), deliveredAt);
}

function timesOf(done: Ended, deliveredAt: number): StepTimes {
  const at = (time: string) => Date.parse(time);
  const steps = done.steps.map(({ name, startedAt, finishedAt }) => [
    name,
    at(finishedAt) - at(startedAt),
  ]);
  return {
    all: at(done.finishedAt) - deliveredAt,
    plan: at(done.createdAt) - deliveredAt,
    wait: at(done.startedAt) - at(done.createdAt),
    ...Object.fromEntries(steps),
  };
}

/** Waits for the build of a commit for a ref to succeed, and answers its record. */
async function ended({ url }: Slipway, sha: string, ref: string): Promise<Ended> {
  for (let looks = 0; looks < 800; looks += 1) {
    await sleep(250);
    const answer = await fetch(`${url}/api/builds?sha=${sha}&ref=${ref}`);
    const [record] = ((await answer.json()) as { builds: Ended[] }).builds;
    if (record?.state === 'succeeded') return record;
    if (record?.finishedAt) throw new Error(record.reason);
  }
  throw new Error(`No image of ${sha} within 200 s.`);
}

type Ended = {
  state: string;
  reason: string;
  createdAt: string;
  startedAt: string;
  finishedAt: string;
  steps: { name: string; startedAt: string; finishedAt: string }[];
};
