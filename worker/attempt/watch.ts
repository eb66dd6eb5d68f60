import type Docker from 'dockerode';
import { getBuild, type Store, type StoredBuild } from '../../queue/build-store.ts';
import type { WorkerConfig } from '../../queue/config.ts';
import { durationText } from '../../queue/text.ts';
import { engineProblem } from '../engine/connect.ts';
import { lost, Stop } from './stop.ts';

/** How often a running build's record and its Engine are looked at, in milliseconds. */
const interval = { record: 400, engine: 2_500 };

/**
 * For how long an Engine may say nothing before its builds are given up on, in milliseconds: with the
 * pause between two looks, and the 2 s in which it may still confirm that it stops, 30 s.
 */
const enginePatience = 25_000;

/** What watching an attempt needs. */
export type WatchDeps = {
  store: Store;
  docker: Docker;
  config: Pick<WorkerConfig, 'BUILD_TIMEOUT' | 'SILENCE_TIMEOUT'>;
};

/**
 * Aborts an attempt when somebody cancelled the build, when it is no longer this attempt's, when
 * its time is up, when it has printed nothing for too long (`heardAt` is when it last did, in
 * milliseconds since the epoch), or when its Engine is gone. Returns a function that ends the watch.
 */
export function watch(
  { store, docker, config }: WatchDeps,
  build: StoredBuild,
  heardAt: () => number,
  stop: (reason: Stop) => void,
): () => void {
  const { SILENCE_TIMEOUT: longestSilence } = config;
  const { timeout, whose } = timeLimit(build, config.BUILD_TIMEOUT);
  const overdue = setTimeout(() => {
    stop(new Stop('timeout', `The build took longer than ${durationText(timeout)} (${whose}).`));
  }, timeout);
  const look = setInterval(async () => {
    const now = await getBuild(store, build.id).catch(() => undefined);
    // Redis being away says nothing about the build.
    if (now === undefined) return;
    if (now?.state !== 'running' || now.fence !== build.fence) return stop(lost(now));
    if (now.cancel) return stop(new Stop('cancelled', now.cancel));
    if (silentSince(now, heardAt()) > longestSilence) {
      const text = `The build printed nothing for ${durationText(longestSilence)} (SILENCE_TIMEOUT).`;
      stop(new Stop('timeout', text));
    }
  }, interval.record);
  let answeredAt = Date.now();
  let problem: string | null = null;
  const lookAtEngine = setInterval(async () => {
    if (problem !== null && Date.now() - answeredAt >= enginePatience) {
      return stop(new Stop('engine away', problem));
    }
    problem = await engineProblem(docker);
    if (problem === null) answeredAt = Date.now();
  }, interval.engine);
  return () => {
    clearTimeout(overdue);
    clearInterval(look);
    clearInterval(lookAtEngine);
  };
}

function timeLimit({ recipe }: StoredBuild, longest: number): { timeout: number; whose: string } {
  const asked = recipe.timeout ?? longest;
  const whose = asked < longest ? 'timeout in the rules file' : 'BUILD_TIMEOUT';
  return { timeout: Math.min(asked, longest), whose };
}

/**
 * How long the repository's own programs have said nothing, in milliseconds. Everything else that a
 * build waits for, a registry or another build of the same, has limits of its own.
 */
function silentSince({ steps }: StoredBuild, heardAt: number): number {
  const step = steps.at(-1);
  if (!step || step.finishedAt || !['build', 'test'].includes(step.name)) return 0;
  return Date.now() - Math.max(heardAt, Date.parse(step.startedAt));
}
