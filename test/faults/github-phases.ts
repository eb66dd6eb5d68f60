import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { StoredBuild } from '../../queue/build-store.ts';
import type { Fault } from '../github/faults.ts';
import { atStep, pushNew } from '../system/builds.ts';
import type { Slipway } from '../system/start-slipway.ts';

/**
 * Lets a fault of GitHub meet builds in every phase: one that is fetched, one that is built and one
 * that is not planned yet. Returns their commits once the fault is over, after `lasts` milliseconds.
 */
export async function inAllPhases(
  slipway: Slipway,
  name: string,
  lasts: number,
  fault: Fault,
): Promise<string[]> {
  const { github } = slipway;
  const isFetch = ({ path }: { path: string }) => path.includes(`/${name}-fetched.git/`);
  const letFetch = github.fault({ match: isFetch, status: 502 });
  const built = await pushNew(slipway, `${name}-built`, 'sleep 4');
  const fetched = await pushNew(slipway, `${name}-fetched`, 'true');
  await Promise.all([
    atStep(slipway, built.sha, 'build'),
    atStep(slipway, fetched.sha, 'checkout'),
  ]);
  const end = github.fault(fault);
  const planned = await pushNew(slipway, `${name}-planned`, 'true');
  expect(github.deliveries.at(-1)).toMatchObject({ statusCode: 202 });
  await sleep(lasts);
  letFetch();
  end();
  return [built.sha, fetched.sha, planned.sha];
}

/** Expects no more writes of checks than three for each attempt, as the design allows. */
export function expectFewWrites({ github }: Slipway, builds: StoredBuild[]): void {
  for (const { id, attempt } of builds) {
    const runs = github.checkRuns().filter(({ externalId }) => externalId === id);
    const writes = runs.flatMap(({ history }) => history.map(({ method }) => method));
    expect(writes.length).toBeLessThanOrEqual(3 * attempt);
  }
}
