import { changeBuild, getBuild, type StoredBuild } from '../../queue/build-store.ts';
import { rememberImage } from '../../queue/known-images.ts';
import { appendLines } from '../../queue/live-log.ts';
import { enqueueArchive, enqueueReport } from '../../queue/queues.ts';
import { BuildFailed } from '../engine/build-errors.ts';
import { engineProblem } from '../engine/connect.ts';
import { stopsAnswering } from '../engine/stops-answering.ts';
import { createLogWriter } from '../log/log-writer.ts';
import { createMask } from '../log/mask.ts';
import type { AttemptDeps, Finished } from './attempt.ts';
import { buildAndPush } from './build-and-push.ts';
import { claim } from './claim.ts';
import { type RoomWatch, ranFull, watchRoom } from './full-disk.ts';
import { judge, type Verdict } from './judge.ts';
import { createStepRunner } from './steps.ts';
import { takenOver } from './stop.ts';
import { watch } from './watch.ts';

/** What is to become of the build's job in the queue. */
export type JobEnd = 'done' | 'wait' | { delay: number };

/** How long a build waits before some worker looks at it again, in milliseconds. */
const engineAway = 2_000;

/** How long after its first attempt a build is begun again, and so much longer after each, in ms. */
const pause = 5_000;

/**
 * Runs a build once: takes it, does its steps, and writes its end or puts it back. An attempt
 * that lost its build to another changes nothing more.
 */
export async function runAttempt(
  deps: AttemptDeps,
  id: string,
  stopping: AbortSignal,
): Promise<JobEnd> {
  // An engine or the room may have gone since they were last looked at: then no attempt begins,
  // here at least.
  const problem = (await engineProblem(deps.docker)) ?? (await deps.disk.problem());
  if (problem !== null) return { delay: engineAway };
  const build = await claim(deps, id);
  await enqueueReport(deps.queues, id);
  if (!build) return 'done';
  const stop = new AbortController();
  let heardAt = Date.now();
  const endWatch = watch(
    deps,
    build,
    () => heardAt,
    (why) => stop.abort(why),
  );
  const signal = AbortSignal.any([stop.signal, stopping]);
  const secrets: string[] = [];
  const log = createLogWriter(
    async (lines) => {
      heardAt = Date.now();
      if (await appendLines(deps.store, id, build.fence, lines)) return;
      stop.abort(takenOver());
    },
    createMask(() => secrets),
    deps.config.LOG_LIMIT,
  );
  const step = createStepRunner(deps.store, build);
  const started = Date.now();
  const room = watchRoom(deps.disk);
  try {
    const attempt = { build, signal, stopping, log, step, secrets };
    await buildAndPush(deps, attempt, async (finished) => {
      await log.close();
      const isWritten = await succeed(deps, build, finished, started);
      await enqueueReport(deps.queues, id).catch(() => {});
      return isWritten;
    });
    return 'done';
  } catch (error) {
    const current = (await getBuild(deps.store, id))?.step ?? 'checkout';
    const full = signal.aborted ? null : await becauseFull(deps, error, room);
    const own = signal.aborted ? signal.reason : error;
    const again = full ?? (await becauseStopped(deps, own));
    const verdict = again === null ? judge(own, current, build.recipe) : { again };
    deps.log.info({ err: error, build: id }, 'An attempt did not succeed');
    return await conclude(
      deps,
      build,
      verdict,
      (text) => log.write(current, 'status', text),
      () => log.close(),
    );
  } finally {
    endWatch();
    room.end();
    await log.close().catch(() => {});
    await enqueueReport(deps.queues, id).catch(() => {});
  }
}

const becauseFull = async ({ config, worker }: AttemptDeps, error: unknown, room: RoomWatch) =>
  ranFull(error, await room.lowest(), { floor: config.DISK_FLOOR, worker });

/** An Engine that ends kills what it runs, which looks as if the command had failed. */
async function becauseStopped({ docker }: AttemptDeps, error: unknown): Promise<string | null> {
  const isKilled = error instanceof BuildFailed && error.exitCode === 137;
  return isKilled && (await stopsAnswering(docker)) ? 'The Docker Engine stopped.' : null;
}

/** Writes the end of a build that went well; false if the build is no longer this attempt's. */
async function succeed(
  { store, queues }: AttemptDeps,
  build: StoredBuild,
  finished: Finished,
  started: number,
): Promise<boolean> {
  const { digest, size, tags, kept, reused, fingerprint } = finished;
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  const outcome = await changeBuild(store, build.id, {
    to: 'succeeded',
    fence: build.fence,
    set: {
      reason: [outcomeOf(finished, seconds), ...kept].join(' '),
      ...{ digest, size, tags, step: null, finishedAt: new Date().toISOString() },
      reuses: reused?.id ?? null,
    },
  });
  if (outcome !== 'ok') return false;
  if (fingerprint !== null && digest !== null) {
    const { id, sha, image } = reused ?? build;
    await rememberImage(store, fingerprint, { id, sha, image, digest, size });
  }
  await enqueueArchive(queues, build.id);
  return true;
}

function outcomeOf({ digest, reused }: Finished, seconds: number): string {
  if (reused === null)
    return digest === null
      ? `Built, not pushed, in ${seconds} s.`
      : `Pushed ${digest} in ${seconds} s.`;
  const from = `${reused.digest} from ${reused.sha.slice(0, 7)}`;
  return digest === null
    ? `Same as ${from}, not pushed, ${seconds} s.`
    : `Reused ${from}, ${seconds} s.`;
}

async function conclude(
  deps: AttemptDeps,
  build: StoredBuild,
  verdict: Verdict,
  say: (text: string) => unknown,
  closeLog: () => Promise<void>,
): Promise<JobEnd> {
  const { id, fence, attempt } = build;
  if ('lost' in verdict) return 'done';
  const isCounted = 'again' in verdict && !(await stopsAnswering(deps.docker));
  if ('end' in verdict || (isCounted && attempt >= deps.config.MAX_ATTEMPTS)) {
    const reason = 'end' in verdict ? verdict.reason : `${verdict.again} Tried ${attempt} times.`;
    const failure = 'end' in verdict ? verdict.failure : null;
    say(reason);
    await closeLog();
    await changeBuild(deps.store, id, {
      to: 'end' in verdict ? verdict.end : 'errored',
      fence,
      set: { reason, failure, finishedAt: new Date().toISOString() },
    });
    await enqueueArchive(deps.queues, id);
    return 'done';
  }
  const reason = 'again' in verdict ? `${verdict.again} It will be tried again.` : verdict.handBack;
  say(reason);
  await closeLog();
  const queuedAt = new Date().toISOString();
  await changeBuild(deps.store, id, {
    to: 'queued',
    fence,
    set: {
      reason,
      queuedAt,
      worker: null,
      step: null,
      ...(!isCounted && { attempt: attempt - 1 }),
    },
  });
  return 'again' in verdict ? { delay: isCounted ? pause * attempt : engineAway } : 'wait';
}
