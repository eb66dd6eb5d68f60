import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type Docker from 'dockerode';
import { type EmbeddedEngine, startEngine } from '../../bin/embedded/engine.ts';
import { connectEngine } from '../../worker/engine/connect.ts';
import { baseImage, importBaseImage } from '../services/base-image.ts';
import { type SmallDisk, smallDisk, whyNoMounts } from '../services/small-disk.ts';
import { atStep, ended, pushNew } from '../system/builds.ts';
import { readMetrics } from '../system/prometheus.ts';
import { end, type Slipway, startSlipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';

jest.setTimeout(300_000);

const mebi = 2 ** 20;
const floor = 48 * mebi;
const why = await whyNoMounts();
if (why) console.warn(`Full disks are not tested. ${why}`);

let disks: { engine: SmallDisk; data: SmallDisk };
let logs: string;
let engine: EmbeddedEngine;
let docker: Docker;
let slipway: Slipway;

const workerSays = (words: string) =>
  until(`the worker says ${words}`, () =>
    slipway.processes.workers.some(({ output }) => output().includes(words)),
  );

/** One sample of the one worker that is there, by the rest of its labels. */
async function sample(metric: string, label: string): Promise<number | undefined> {
  const samples = readMetrics(await (await fetch(`${slipway.url}/metrics`)).text());
  return [...samples].find(([name]) => name.startsWith(`${metric}{`) && name.includes(label))?.[1];
}

/** Commands in the cache, as BuildKit describes them. */
const cached = async (): Promise<string> => JSON.stringify((await docker.df()).BuildCache);

const attemptFolders = () => readdir(join(disks.data.folder, 'data/builds'));

(why ? describe.skip : describe)('disks of a few hundred megabytes', () => {
  beforeAll(async () => {
    disks = { engine: await smallDisk(600 * mebi), data: await smallDisk(160 * mebi) };
    engine = await startEngine({ folder: join(disks.engine.folder, 'engine') });
    docker = connectEngine({ DOCKER_HOST: engine.host });
    logs = await mkdtemp(join(tmpdir(), 'slipway-logs-'));
    await importBaseImage(docker, join(logs, 'base'));
    await disks.data.leaveFree(20 * mebi);
    slipway = await startSlipway({
      env: {
        ...{ DOCKER_HOST: engine.host, DATA_DIR: join(disks.data.folder, 'data') },
        ...{ LOG_STORE: join(logs, 'archive'), DISK_FLOOR: String(floor), CONCURRENCY: '2' },
        MAX_ATTEMPTS: '2',
      },
    });
  });
  afterAll(async () => {
    try {
      const violations = slipway?.github.violations;
      await slipway?.stop();
      expect(violations).toEqual([]);
    } finally {
      await engine?.stop();
      for (const disk of Object.values(disks ?? {})) await disk.remove();
      await rm(logs, { recursive: true, force: true });
    }
  });

  test('below the floor a worker takes no builds and says so, until there is room', async () => {
    await workerSays('takes no builds: The disk of DATA_DIR has 20 MiB free of');
    await workerSays('and 48 MiB are wanted (DISK_FLOOR)');
    const { sha } = await pushNew(slipway, 'waiting', 'echo waiting');
    await until('it shows in the metrics', async () => {
      const free = await sample('slipway_disk_free_bytes', 'disk="data"');
      return free !== undefined && free < 21 * mebi;
    });
    expect(await sample('slipway_workers', 'ready="false"')).toBe(1);
    expect(await sample('slipway_disk_floor_bytes', '')).toBe(floor);
    expect(await sample('slipway_disk_free_bytes', 'disk="engine"')).toBeGreaterThan(400 * mebi);
    const waiting = await until('it is planned', () => slipway.build(sha));
    expect(waiting).toMatchObject({ state: 'queued', attempt: 0 });
    await disks.data.leaveFree(0);
    expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  test('what is unused for longest is pruned before a build is taken, and no more', async () => {
    for (const name of ['older', 'newer']) {
      const { sha } = await pushNew(slipway, name, `head -c 80000000 /dev/urandom > /${name}`);
      expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded' });
    }
    await docker.getImage(baseImage).tag({ repo: 'somebodys', tag: '1' });
    await disks.engine.leaveFree(30 * mebi);
    const { sha } = await pushNew(slipway, 'next', 'echo next');
    expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded', attempt: 1 });
    await workerSays('Pruned cache: ');
    expect(await cached()).not.toContain('> /older');
    expect(await cached()).toContain('> /newer');
    await docker.getImage('somebodys:1').inspect();
    const pruned = await until('the metrics tell', () =>
      sample('slipway_pruned_bytes_total', 'kind="cache"'),
    );
    expect(pruned).toBeGreaterThanOrEqual(80_000_000);
    expect(pruned).toBeLessThan(160_000_000);
    await disks.engine.leaveFree(0);
  });

  test('a build that fills the Engine’s disk ends as errored, and the one beside it well', async () => {
    const filling = await pushNew(slipway, 'filling', 'head -c 2000000000 /dev/zero > /big');
    const beside = await pushNew(slipway, 'beside', 'sleep 8; echo beside');
    expect(await ended(slipway, beside.sha)).toMatchObject({ state: 'succeeded' });
    const errored = await until(
      'it is given up',
      async () => {
        const build = await slipway.build(filling.sha);
        return build?.finishedAt ? build : undefined;
      },
      200_000,
    );
    expect(errored).toMatchObject({ state: 'errored', attempt: 2, failure: null });
    expect(errored.reason).toMatch(
      /^The disk of the Docker Engine of worker \S+ ran full \([\d.]+ [KM]?i?B free of 5\d\d[\d.]* MiB\); free space there, or use a larger disk\. Tried 2 times \(MAX_ATTEMPTS\)\.$/,
    );
    expect(slipway.processes.workers[0]?.child.exitCode).toBeNull();
    await until('all of it is free again', async () => (await disks.engine.free()) > 400 * mebi);
    expect(await docker.listContainers({ all: true })).toEqual([]);
    const tags = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
    expect(tags.sort()).toEqual([baseImage, 'somebodys:1']);
    expect(await attemptFolders()).toEqual([]);
  });

  test('words alone are the repository’s failure: a command may have filled what is its own', async () => {
    const { sha } = await pushNew(slipway, 'words', 'echo "No space left on device"; exit 1');
    expect(await ended(slipway, sha)).toMatchObject({ state: 'failed', attempt: 1 });
  });

  test('a commit that does not fit on the worker’s disk is fetched once there is room', async () => {
    const repo = await slipway.github.createRepository('acme', 'large');
    await disks.data.leaveFree(52 * mebi);
    const files = {
      Dockerfile: `FROM ${baseImage}\nCOPY Dockerfile /\n`,
      '.dockerignore': 'noise\n',
      noise: randomBytes(72 * mebi),
    };
    const sha = await repo.commit({ files, branch: 'main' });
    await repo.push({ after: sha });
    const again = await until(
      'an attempt has found no room',
      async () => {
        const build = await slipway.build(sha);
        return String(build?.reason).includes('ran full') ? build : undefined;
      },
      60_000,
    );
    expect(again).toMatchObject({ state: 'queued', attempt: 1 });
    expect(again.reason).toMatch(
      /^The disk of DATA_DIR of worker \S+ ran full .* It will be tried/,
    );
    const mirrors = await readdir(join(disks.data.folder, 'data/mirrors'), { recursive: true });
    expect(mirrors.filter((name) => name.includes('tmp_'))).toEqual([]);
    expect(await attemptFolders()).toEqual([]);
    await disks.data.leaveFree(0);
    expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded' });
  });

  test('the folder of a killed worker’s attempt is removed by another', async () => {
    const { sha } = await pushNew(slipway, 'killed', 'sleep 3; echo killed');
    await atStep(slipway, sha, 'build');
    const [worker] = slipway.processes.workers.splice(0);
    if (worker) await end(worker, 'SIGKILL');
    const [left, ...others] = await attemptFolders();
    expect([left, others]).toEqual([expect.stringMatching(/-\d+$/), []]);
    slipway.processes.workers.push(slipway.startWorker());
    expect(await ended(slipway, sha)).toMatchObject({ state: 'succeeded', attempt: 2 });
    await until('it is gone', async () => (await attemptFolders()).length === 0, 90_000);
  });
});
