import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import type { Slipway } from '../system/start-slipway.ts';
import { quantile, timed } from './median.ts';

const total = 10_000;
const atOnce = 100;

const [{ examples }] = (
  createRequire(import.meta.url)('@octokit/webhooks-examples/api.github.com/index.json') as {
    name: string;
    examples: Record<string, unknown>[];
  }[]
).filter(({ name }) => name === 'push') as unknown as [{ examples: Record<string, unknown>[] }];

/**
 * A burst of signed pushes, a hundred at once: how long each waits for its answer, and whether
 * Redis holds every one after it. Beside it, in the same run, a bare server that does nothing but
 * read the body: what this machine and this sender cost without Slipway.
 */
export async function benchWebhooks({ url, github, redisUrl }: Slipway): Promise<string> {
  const body = JSON.stringify({ ...examples[0], deleted: true });
  const signature = `sha256=${createHmac('sha256', github.webhookSecret).update(body).digest('hex')}`;
  const bare = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(202).end());
  });
  await once(bare.listen(0, '127.0.0.1'), 'listening');
  const { port } = bare.address() as AddressInfo;
  const floor = await burst(`http://127.0.0.1:${port}/`, body, signature);
  bare.close();
  const ours = await burst(`${url}/api/github/webhooks`, body, signature);
  const redis = new Redis(redisUrl);
  const recorded = (await redis.keys('*delivery:*')).length;
  redis.disconnect();
  return [
    `webhooks, ${total} at ${atOnce} at once: ${ours}, ${recorded} recorded`,
    `  a bare server in the same run: ${floor}`,
  ].join('\n');
}

async function burst(target: string, body: string, signature: string): Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const times: number[] = [];
  const answers = new Map<number, number>();
  let sent = 0;
  const sender = async () => {
    while (sent++ < total) {
      const start = performance.now();
      const status = await post(agent, target, body, signature);
      times.push(performance.now() - start);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };
  const all = await timed(() => Promise.all(Array.from({ length: atOnce }, sender)));
  agent.destroy();
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  const statuses = [...answers].map(([status, count]) => `${count} × ${status}`).join(', ');
  return `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, ${((total / all) * 1_000).toFixed(0)}/s, ${statuses}`;
}

function post(agent: Agent, target: string, body: string, signature: string): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-github-event': 'push',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': signature,
  };
  return new Promise((resolve, reject) => {
    request(target, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', reject)
      .end(body);
  });
}
