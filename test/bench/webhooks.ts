import { createHmac, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
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

/** A burst of signed pushes, a hundred at once: how long each waits for its answer. */
export async function benchWebhooks({ url, github }: Slipway): Promise<string> {
  const body = JSON.stringify({ ...examples[0], deleted: true });
  const signature = createHmac('sha256', github.webhookSecret).update(body).digest('hex');
  const times: number[] = [];
  const answers = new Map<number, number>();
  let sent = 0;
  const sender = async () => {
    while (sent++ < total) {
      times.push(
        await timed(async () => {
          const { status } = await fetch(`${url}/api/github/webhooks`, {
            method: 'POST',
            body,
            headers: {
              'content-type': 'application/json',
              'x-github-event': 'push',
              'x-github-delivery': randomUUID(),
              'x-hub-signature-256': `sha256=${signature}`,
            },
          });
          answers.set(status, (answers.get(status) ?? 0) + 1);
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  return `webhooks, ${total} at ${atOnce} at once: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, answers ${JSON.stringify([...answers])}`;
}
