import { end, type Slipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { quantile } from './median.ts';

const runs = 7;

/** From `kill -9` of the worker that runs a build to the build running on another. */
export async function benchWorkerKilled(slipway: Slipway): Promise<string> {
  const { github, build, processes } = slipway;
  const repo = await github.createRepository('bench', 'killed');
  const seconds: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const files = { Dockerfile: `FROM slipway-test/base:1\nRUN echo ${run}; sleep 300\n` };
    const sha = await repo.commit({ files });
    await repo.push({ ref: 'refs/heads/main', after: sha });
    await until('it builds', async () => (await build(sha))?.step === 'build');
    const [worker] = processes.workers.splice(0);
    processes.workers.push(slipway.startWorker());
    if (worker) await end(worker, 'SIGKILL');
    const killed = Date.now();
    const again = await until(
      'it runs again',
      async () => {
        const record = await build(sha);
        return record?.attempt === 2 && record.step === 'build' ? record : undefined;
      },
      60_000,
    );
    seconds.push((Date.parse(String(again.startedAt)) - killed) / 1_000);
    await cancelled(slipway, String(again.id), sha);
  }
  const longest = Math.max(...seconds);
  return `worker killed to running again, median of ${runs}: ${quantile(seconds, 0.5).toFixed(1)} s, longest ${longest.toFixed(1)} s`;
}

async function cancelled({ url, github, build }: Slipway, id: string, sha: string): Promise<void> {
  const writer = github.user('will', { access: { 'bench/killed': 'write' } });
  const headers = { authorization: `Bearer ${writer.token}` };
  await fetch(`${url}/api/builds/${id}/cancel`, { method: 'POST', headers });
  await until('it is cancelled', async () => (await build(sha))?.finishedAt);
}
