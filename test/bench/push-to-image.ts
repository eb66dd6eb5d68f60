import { setTimeout as sleep } from 'node:timers/promises';
import type { Slipway } from '../system/start-slipway.ts';

/** Milliseconds: `all` from GitHub's first byte to its image with every tag, then each part of it. */
export type StepTimes = Record<string, number>;

type Repository = Awaited<ReturnType<Slipway['github']['createRepository']>>;

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
  const done = await ended(slipway, sha);
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

/** Waits for the build of a commit to succeed, and answers its record. */
async function ended({ build }: Slipway, sha: string): Promise<Ended> {
  for (let looks = 0; looks < 800; looks += 1) {
    await sleep(250);
    const record = (await build(sha)) as Ended | undefined;
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
