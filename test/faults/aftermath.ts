import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import Docker from 'dockerode';
import { Redis } from 'ioredis';
import { hasEnded } from '../../queue/build.ts';
import { getBuilds, type StoredBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { digestOf } from '../system/builds.ts';
import type { Slipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';

const keys = keysUnder('slipway');

/** Locks of what web processes do again and again, which stay until the next turn. */
const turns = new Set(['tidy', 'catch-up', 'sweep'].map(keys.lock));

/** Which conclusion GitHub is to show for a build's end. */
const conclusions: Record<string, string> = {
  succeeded: 'success',
  failed: 'failure',
  errored: 'failure',
  cancelled: 'cancelled',
};

/** The records of all builds, oldest first. */
export async function allBuilds({ redisUrl }: Slipway): Promise<StoredBuild[]> {
  const redis = new Redis(redisUrl);
  try {
    return await getBuilds({ redis, keys }, await redis.zrange(keys.builds, '0', '-1'));
  } finally {
    redis.disconnect();
  }
}

/**
 * Waits until a fault is got over: every build has ended and GitHub shows it. The promise is a
 * minute after the fault's end; `patience` is in milliseconds. Answers the records.
 */
export const settled = (slipway: Slipway, count: number, patience = 60_000) =>
  until(
    `${count} builds have ended and are reported`,
    async () => {
      const builds = await allBuilds(slipway);
      const isShown = ({ id, state }: StoredBuild) =>
        slipway.github
          .checkRuns()
          .some((run) => run.externalId === id && run.conclusion === conclusions[state]);
      const isDone = builds.every((build) => hasEnded(build.state) && isShown(build));
      return builds.length >= count && isDone ? builds : undefined;
    },
    patience,
  );

/**
 * Expects that nothing is wrong and nothing is left over once all builds have ended: one final
 * check for each with the record's end, the digest in the registry, no lock, no job, no folder, no
 * name or container in the Engine.
 */
export async function expectNothingLeft(slipway: Slipway, engine?: string): Promise<void> {
  const { github, dataDir } = slipway;
  const redis = new Redis(slipway.redisUrl);
  try {
    const builds = await allBuilds(slipway);
    for (const { id, state, digest, image, sha, publish } of builds) {
      const runs = github.checkRuns().filter(({ externalId }) => externalId === id);
      const shown = runs.map(({ status, conclusion }) => ({ status, conclusion }));
      expect({ id, shown }).toEqual({
        id,
        shown: [{ status: 'completed', conclusion: conclusions[state] }],
      });
      if (state === 'succeeded' && publish) expect(await digestOf(image, sha)).toBe(digest);
    }
    await until('nothing is due and no lock is held', async () => {
      const locks = (await redis.keys(keys.lock('*'))).filter((key) => !turns.has(key));
      const due = await redis.zcard(keys.dueReports);
      const unarchived = await redis.zcard(keys.dueArchives);
      return locks.length + due + unarchived === 0;
    });
    for (const list of ['wait', 'active', 'paused']) {
      expect(await redis.lrange(`${keys.bull}:builds:${list}`, '0', '-1')).toEqual([]);
    }
    for (const set of ['prioritized', 'delayed']) {
      expect(await redis.zrange(`${keys.bull}:builds:${set}`, '0', '-1')).toEqual([]);
    }
    await until('no attempt has a folder', async () => {
      const folders = await readdir(join(dataDir, 'builds')).catch(() => []);
      return folders.length === 0;
    });
    await expectNothingInEngine(builds, engine);
  } finally {
    redis.disconnect();
  }
  expect(github.violations).toEqual([]);
}

/** Expects that no container and no name of these builds is left in an Engine. */
export async function expectNothingInEngine(
  builds: Pick<StoredBuild, 'id' | 'image' | 'sha'>[],
  host = process.env.SLIPWAY_TEST_DOCKER_HOST ?? '',
): Promise<void> {
  const { pathname } = new URL(host);
  const docker = new Docker({ socketPath: pathname });
  const ids = new Set(builds.map(({ id }) => id));
  const containers = await docker.listContainers({ all: true });
  const ours = containers.filter(({ Labels }) => ids.has(Labels['slipway.build'] ?? ''));
  expect(ours.map(({ Names }) => Names)).toEqual([]);
  const names = new Set(builds.map(({ image, sha }) => `${image}:${sha}`));
  const images = await docker.listImages();
  const left = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => names.has(tag));
  expect(left).toEqual([]);
}
