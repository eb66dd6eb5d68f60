import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { queueNames } from '../../queue/queues.ts';
import { ended, pushNew } from './builds.ts';
import { readMetrics, type Samples } from './prometheus.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway();
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

async function metrics(): Promise<Samples> {
  const answer = await fetch(`${slipway.url}/metrics`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return readMetrics(await answer.text());
}

/** What rose, and by how much; a series that was not there before began at 0. */
const risen = (before: Samples, after: Samples): Record<string, number> =>
  Object.fromEntries(
    [...after]
      .map(([series, value]) => [series, value - (before.get(series) ?? 0)] as const)
      .filter(([, by]) => by !== 0),
  );

test('the metrics are in Prometheus’s format and move by what happened', async () => {
  const before = await until('the worker is counted', async () => {
    const now = await metrics();
    return now.get('slipway_workers{ready="true"}') === 1 ? now : undefined;
  });
  for (const state of ['queued', 'running', 'succeeded', 'failed', 'errored', 'cancelled']) {
    expect(before.get(`slipway_builds{state="${state}"}`)).toBe(0);
  }
  for (const queue of queueNames) {
    expect(before.get(`bullmq_job_count{queue="${queue}",state="waiting"}`)).toBe(0);
  }

  const good = await pushNew(slipway, 'good', 'sleep 2');
  await ended(slipway, good.sha);
  const bad = await pushNew(slipway, 'bad', 'exit 3');
  await ended(slipway, bad.sha);
  const forged = await slipway.github.deliver('ping', { zen: 'x' }, { secret: 'x', check: false });
  expect(forged.statusCode).toBe(401);
  const changes = await until('both logs are archived and counted', async () => {
    const rise = risen(before, await metrics());
    const isDone = rise['bullmq_job_completed_total{queue="archives"}'] === 2;
    return isDone && rise.slipway_build_queue_seconds_count === 2 ? rise : undefined;
  });
  expect(changes).toMatchObject({
    'slipway_builds{state="succeeded"}': 1,
    'slipway_builds{state="failed"}': 1,
    'slipway_deliveries_total{result="accepted"}': 2,
    'slipway_deliveries_total{result="refused"}': 1,
    'slipway_build_duration_seconds_count{state="succeeded"}': 1,
    'slipway_build_duration_seconds_count{state="failed"}': 1,
    'slipway_build_duration_seconds_bucket{le="+Inf",state="succeeded"}': 1,
    'bullmq_job_completed_total{queue="pushes"}': 2,
    'bullmq_job_completed_total{queue="builds"}': 2,
  });
  expect(changes['slipway_build_duration_seconds_bucket{le="1",state="succeeded"}']).toBeFalsy();
  expect(changes['slipway_build_duration_seconds_sum{state="succeeded"}']).toBeGreaterThan(2);
  expect(changes).not.toHaveProperty(['slipway_builds{state="running"}']);
  expect(changes).not.toHaveProperty(['slipway_deliveries_total{result="unavailable"}']);
  expect(changes).not.toHaveProperty(['slipway_builds{state="errored"}']);
});
