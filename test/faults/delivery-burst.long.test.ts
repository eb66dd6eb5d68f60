import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Delivery } from '../github/records.ts';
import type { Repository } from '../github/repository.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { allBuilds, expectNothingLeft, settled } from './aftermath.ts';
import { outcomesOf } from './outcomes-of.ts';
import { randomFrom } from './random-from.ts';

const pushes = 10_000;
/** So many of them have a Dockerfile, and so many have none; the rest say that nothing is to be built. */
const [built, without] = [20, 200];
/** One in ten is sent twice, as GitHub does when it is asked to. */
const repeated = 0.1;
const atOnce = 100;

jest.setTimeout(300_000);

let slipway: Slipway;

beforeAll(async () => {
  slipway = await startSlipway();
});
afterAll(() => slipway.stop());

test(`${pushes} pushes at once, some of them twice: each is recorded, and known what became of it`, async () => {
  const repo = await slipway.github.createRepository('acme', 'burst');
  const empty = await slipway.github.createRepository('acme', 'empty');
  const model = await payloadOf(repo, { Dockerfile: 'FROM slipway-test/base:1\n' });
  const bare = await payloadOf(empty, { readme: 'nothing to build' });
  const random = randomFrom('burst');
  const letters = Array.from({ length: pushes }, (_, n) => ({
    guid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    body: JSON.stringify(
      n < built
        ? { ...model, ref: `refs/heads/branch-${n}` }
        : n < built + without
          ? { ...bare, ref: `refs/heads/branch-${n}` }
          : { ...model, ref: `refs/heads/skip-${n}`, head_commit: skipped(model.head_commit) },
    ),
  }));
  const twice = letters.filter(() => random() < repeated);
  const all = [...letters, ...twice].sort(() => random() - 0.5);
  const statuses = await sendAll(all);
  expect([...statuses].filter((status) => status !== 202 && status !== 503)).toEqual([]);

  const guids = letters.map(({ guid }) => guid);
  const outcomes = await outcomesOf(slipway, guids, 120_000);
  const are = (pattern: RegExp) => outcomes.filter((outcome) => pattern.test(outcome)).length;
  expect(are(/\[skip ci\]/)).toBe(pushes - built - without);
  expect(are(/no Dockerfile/)).toBe(without);
  expect(are(/^Planned build|was planned already/)).toBe(built);
  const redis = new Redis(slipway.redisUrl);
  expect((await redis.keys('*:delivery:00000000-*')).length).toBe(pushes);
  redis.disconnect();
  // The push that the payloads were taken from was refused, and is caught up with.
  await settled(slipway, built + 1, 120_000);
  expect(await allBuilds(slipway)).toHaveLength(built + 1);
  await expectNothingLeft(slipway);
});

/** What GitHub says of a push, without delivering it. */
async function payloadOf(repo: Repository, files: Record<string, string>) {
  const { github } = slipway;
  const sha = await repo.commit({ files });
  const direct = github.webhookUrl;
  github.webhookUrl = 'http://127.0.0.1:9/';
  const { payload }: Delivery = await repo.push({ after: sha });
  github.webhookUrl = direct;
  return payload;
}

const skipped = (commit: unknown) => ({ ...(commit as object), message: 'later [skip ci]' });

/** Sends every letter until it is taken, a hundred at a time; answers the statuses that came. */
async function sendAll(letters: { guid: string; body: string }[]): Promise<Set<number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const statuses = new Set<number>();
  const waiting = letters.values();
  const sender = async (): Promise<void> => {
    for (const letter of waiting) {
      let status = 0;
      while (status !== 202) {
        status = await post(agent, letter);
        statuses.add(status);
        if (status !== 202 && status !== 503) break;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  agent.destroy();
  return statuses;
}

function post(agent: Agent, { guid, body }: { guid: string; body: string }): Promise<number> {
  const { github } = slipway;
  const hash = createHmac('sha256', github.webhookSecret).update(body).digest('hex');
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-github-event': 'push',
    'x-github-delivery': guid,
    'x-hub-signature-256': `sha256=${hash}`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      String(github.webhookUrl),
      { method: 'POST', agent, headers },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject).end(body);
  });
}
