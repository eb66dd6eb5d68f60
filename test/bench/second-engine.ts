import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { startEngine } from '../../bin/embedded/engine.ts';
import { baseImage } from '../services/base-image.ts';
import { end, type Slipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';
import { quantile } from './median.ts';
import { pushTagToImage, pushToImage, type Repository } from './push-to-image.ts';

const runs = 3;

/**
 * Both Engines take it from the registry. It is none that other benches start from by a name of the
 * first Engine's alone: BuildKit knows the same layers by another key then.
 */
const base = () => `${process.env.SLIPWAY_TEST_REGISTRY}/bench/base:1`;

async function makeBase(): Promise<void> {
  const env = { DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST ?? '', DOCKER_BUILDKIT: '1' };
  const docker = (args: string[], input = '') => execa('/usr/bin/docker', args, { env, input });
  const dockerfile = `FROM ${baseImage}\nRUN echo base > /base\n`;
  await docker(['build', '--quiet', '--tag', base(), '-'], dockerfile);
  await docker(['push', '--quiet', base()]);
  await docker(['rmi', base()]);
}

/** Three stages, of which the first two take some seconds of work each. */
const dockerfile = (name: string) => `FROM ${base()} AS deps
COPY deps.txt /
RUN for i in 1 2 3 4 5 6; do head -c 400000000 /dev/zero | sha256sum; done > /deps # ${name}
FROM deps AS build
COPY src.txt /
RUN cat /src.txt /deps | sha256sum > /out
FROM ${base()}
COPY --from=build /out /out
`;

/**
 * A worker whose Engine, a second one with a data folder of its own, has never built anything of a
 * repository that another worker has: the same inputs, and another source. Beside its own build of
 * a repository that nobody has built.
 */
export async function benchSecondEngine(slipway: Slipway): Promise<string> {
  const create = (name: string) => slipway.github.createRepository('bench', name);
  await makeBase();
  const known: Repository[] = [];
  for (let run = 0; run < runs; run += 1) {
    const repo = await create(`shared-${run}`);
    await pushToImage(slipway, repo, files(`shared ${run}`));
    await until('its stages are in the registry', () => isShared(repo), 60_000);
    known.push(repo);
  }
  for (const worker of slipway.processes.workers) await end(worker, 'SIGTERM');
  const folder = await mkdtemp(join(tmpdir(), 'slipway-second-'));
  const engine = await startEngine({ folder: join(folder, 'engine') });
  try {
    slipway.processes.workers.push(
      slipway.startWorker({ DOCKER_HOST: engine.host, DATA_DIR: join(folder, 'data') }),
    );
    const times = { cold: [] as number[], same: [] as number[], changed: [] as number[] };
    for (const [run, repo] of known.entries()) {
      const fresh = await create(`fresh-${run}`);
      times.cold.push((await pushToImage(slipway, fresh, files(`fresh ${run}`))).all ?? 0);
      const sha = (await repo.ref('refs/heads/main')) ?? '';
      times.same.push((await pushTagToImage(slipway, repo, sha, 'v1')).all ?? 0);
      const change = { 'src.txt': `changed ${run}` };
      times.changed.push((await pushToImage(slipway, repo, change)).all ?? 0);
    }
    const [cold, same, changed] = Object.values(times).map((all) => quantile(all, 0.5));
    const ratio = (part = 0) => `${part.toFixed(0)} ms, ratio ${(part / (cold ?? 0)).toFixed(2)}`;
    return [
      `second worker with an empty Engine, median of ${runs}: its own cold build ${cold?.toFixed(0)} ms`,
      `  nothing changed ${ratio(same)}`,
      `  source changed, two stages before the last ${ratio(changed)}`,
    ].join('\n');
  } finally {
    for (const worker of slipway.processes.workers) await end(worker, 'SIGKILL');
    await engine.stop();
    await rm(folder, { recursive: true });
  }
}

const files = (name: string) => ({
  Dockerfile: dockerfile(name),
  'deps.txt': name,
  'src.txt': 'first',
});

/** The layers of a build's stages are pushed after it has ended. */
async function isShared({ fullName }: Repository): Promise<boolean> {
  const host = `http://${process.env.SLIPWAY_TEST_REGISTRY}`;
  const answers = ['deps', 'build'].map(async (stage) => {
    const answer = await fetch(`${host}/v2/${fullName}-slipway-cache/manifests/stage-${stage}`);
    await answer.body?.cancel();
    return answer.ok;
  });
  return (await Promise.all(answers)).every(Boolean);
}
