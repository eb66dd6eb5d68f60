import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { keysUnder } from '../../queue/keys.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

const examples = createRequire(import.meta.url)(
  '@octokit/webhooks-examples/api.github.com/index.json',
) as { name: string; examples: Record<string, unknown>[] }[];
const keys = keysUnder('slipway');
let slipway: Slipway;
let redis: Redis;

beforeAll(async () => {
  slipway = await startSlipway({ workers: 0 });
  redis = new Redis(slipway.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await slipway.stop();
});

/** Sends payloads as they are, since not all of them keep to today's schema, in small groups. */
async function deliverAll(name: string, payloads: Record<string, unknown>[]) {
  const deliveries = [];
  for (let from = 0; from < payloads.length; from += 10) {
    const group = payloads.slice(from, from + 10);
    const sent = group.map((one) => slipway.github.deliver(name, one, { check: false }));
    deliveries.push(...(await Promise.all(sent)));
  }
  return deliveries;
}

test('every example payload of GitHub is taken and recorded, and none upsets the process', async () => {
  const answers = [];
  for (const { name, examples: payloads } of examples) {
    answers.push(...(await deliverAll(name, payloads)));
  }
  expect(answers.length).toBeGreaterThan(300);
  expect(answers.filter(({ statusCode }) => statusCode !== 202)).toEqual([]);
  for (const { guid, event } of answers) {
    expect(await redis.hgetall(keys.delivery(guid))).toMatchObject({ event });
  }
  const pushes = answers.filter(({ event }) => event === 'push');
  expect(pushes.length).toBeGreaterThan(2);
  for (const { guid } of pushes) {
    const outcome = await until('the push is settled', async () => {
      const sentence = await redis.hget(keys.delivery(guid), 'outcome');
      return sentence === 'Waiting to be planned.' ? undefined : sentence;
    });
    // The repositories and installations of the examples are none of this GitHub's.
    expect(outcome).toMatch(/^Nothing to do: .*(was deleted|installed on)/);
  }
  expect((await fetch(`${slipway.url}/healthz`)).status).toBe(200);
  const lines = slipway.processes.web.output().trim().split('\n');
  const levels = lines.map((line) => (JSON.parse(line) as { level: number }).level);
  expect(levels.filter((level) => level >= 50)).toEqual([]);
});
