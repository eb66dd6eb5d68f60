import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Slipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { quantile } from './median.ts';

const lines = 200;

/**
 * From a line printed in a RUN to a reader of the build's events. Both sides read the kernel's own
 * clock since boot, which a container shares with its host and which counts in steps of 10 ms.
 */
export async function benchLogLatency({ github, url, build }: Slipway): Promise<string> {
  const repo = await github.createRepository('bench', 'log');
  const tick = 'read now rest < /proc/uptime; echo "tick $now"; sleep 0.05';
  const loop = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); ${tick}; done`;
  const files = { Dockerfile: `FROM slipway-test/base:1\nRUN ${loop}\n` };
  const sha = await repo.commit({ files });
  await repo.push({ ref: 'refs/heads/main', after: sha });
  const { id } = await until('the build', () => build(sha));
  const { body } = await fetch(`${url}/api/builds/${id}/events`);
  if (!body) throw new Error('The events have no body.');
  const late: number[] = [];
  for await (const line of createInterface({ input: Readable.fromWeb(body as ReadableStream) })) {
    const printed = / tick ([\d.]+)"/.exec(line)?.[1];
    if (!printed) continue;
    const now = Number.parseFloat(await readFile('/proc/uptime', 'utf8'));
    late.push((now - Number(printed)) * 1_000);
  }
  const [p50, p95] = [quantile(late, 0.5), quantile(late, 0.95)];
  return `log line to reader, ${late.length} lines: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`;
}
