import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import { buildsOf, completed, dockerfile, ended } from './builds.ts';
import { type Cut, cutDeliveries } from './cut-deliveries.ts';
import { end, type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(90_000);

const keys = keysUnder('slipway');
let slipway: Slipway;
let redis: Redis;
let cutter: Awaited<ReturnType<typeof cutDeliveries>>;
let cut: Cut;

beforeAll(async () => {
  slipway = await startSlipway();
  redis = new Redis(slipway.redisUrl);
  cutter = await cutDeliveries(slipway.github.webhookUrl ?? '', () => cut);
});
afterAll(async () => {
  const { violations } = slipway.github;
  cutter.stop();
  redis.disconnect();
  await slipway.stop();
  expect(violations).toEqual([]);
});

/** Pushes through the cutter, which kills web on the way; returns the failed delivery. */
async function pushAndKill(name: string, after: Cut['after']) {
  cut = { after, act: () => end(slipway.processes.web, 'SIGKILL') };
  const { github } = slipway;
  const direct = github.webhookUrl;
  github.webhookUrl = cutter.url;
  const repo = await github.createRepository('acme', name);
  const sha = await repo.commit({ files: dockerfile(`echo ${name}`), message: name });
  const delivery = await repo.push({ ref: 'refs/heads/main', after: sha });
  github.webhookUrl = direct;
  expect(delivery).toMatchObject({ statusCode: 0 });
  expect(slipway.processes.web.child.signalCode).toBe('SIGKILL');
  return { repo, sha, delivery };
}

async function restartWeb() {
  slipway.processes.web = slipway.startWeb();
  await until('web is back', async () => (await fetch(`${slipway.url}/readyz`)).ok);
}

for (const after of ['half', 'whole', 'answered'] as const) {
  test(`web killed with a delivery ${after}: sent again, it makes one build`, async () => {
    const { repo, sha, delivery } = await pushAndKill(`killed-${after}`, after);
    const key = keys.delivery(delivery.guid);
    const job = `${keys.bull}:pushes:delivery-${delivery.guid}`;
    const [booked, planned] = [await redis.exists(key), await redis.exists(job)];
    if (after === 'half') expect([booked, planned]).toEqual([0, 0]);
    if (after === 'answered') expect([booked, planned]).toEqual([1, 1]);
    // Whatever says that the delivery is known must not be there without its work.
    expect(booked).toBeLessThanOrEqual(planned);
    await restartWeb();
    for (let time = 0; time < 2; time += 1) {
      expect(await slipway.github.redeliver(delivery.id)).toMatchObject({ statusCode: 202 });
    }
    const build = await ended(slipway, sha);
    expect(build).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await completed(slipway, build.id)).toMatchObject({ conclusion: 'success' });
    expect(await buildsOf(slipway, sha)).toHaveLength(1);
    expect(slipway.github.checkRuns(repo, sha)).toHaveLength(1);
    expect(await redis.hgetall(key)).toMatchObject({
      event: 'push',
      outcome: expect.stringContaining(build.id),
    });
  });
}
