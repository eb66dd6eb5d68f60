import { getBuild, type StoredBuild } from '../../queue/build-store.ts';
import { appendCut } from '../../queue/live-log.ts';
import { enqueueReport } from '../../queue/queues.ts';
import { BuildFailed } from '../engine/build-errors.ts';
import { engineProblem } from '../engine/connect.ts';
import { stopsAnswering } from '../engine/stops-answering.ts';
import { createLogWriter } from '../log/log-writer.ts';
import { createMask } from '../log/mask.ts';
import type { AttemptDeps } from './attempt.ts';
import { buildAndPush } from './build-and-push.ts';
import { claim } from './claim.ts';
import { conclude, engineAway, type JobEnd, succeed } from './end-attempt.ts';
import { type RoomWatch, ranFull, watchRoom } from './full-disk.ts';
import { hideSecrets } from './hide-secrets.ts';
import { judge } from './judge.ts';
import { createStepRunner } from './steps.ts';
import { lost } from './stop.ts';
import { watch } from './watch.ts';

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
  const looks = await Promise.all([engineProblem(deps.docker), deps.disk.problem()]);
  const problem = looks.find((one) => one !== null) ?? null;
  if (problem !== null) return { delay: engineAway };
  const build = await claim(deps, id);
  await enqueueReport(deps.queues, id);
  if (!build) return 'done';
  const stop = new AbortController();
  let heardAt = Date.now();
  let written = build.lines;
  const endWatch = watch(
    deps,
    build,
    () => heardAt,
    (why) => stop.abort(why),
  );
  const signal = AbortSignal.any([stop.signal, stopping]);
  const secrets: string[] = [];
  const mask = createMask(() => secrets);
  const log = createLogWriter(
    async (lines, cut) => {
      heardAt = Date.now();
      const last = await appendCut(deps.store, id, build.fence, lines, cut, written);
      if (last === null) stop.abort(lost(await getBuild(deps.store, id)));
      else written = last;
      return last;
    },
    mask.hide,
    roomForLog(build, deps.config.LOG_LIMIT),
  );
  const { step, soFar } = createStepRunner(deps.store, build);
  const started = Date.now();
  const room = watchRoom(deps.disk);
  try {
    const attempt = { build, signal, stopping, log, step, secrets, mask };
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
    const verdict =
      again === null ? hideSecrets(judge(own, current, build.recipe), mask) : { again };
    deps.log.info({ err: error, build: id }, 'An attempt did not succeed');
    return await conclude(
      deps,
      { ...build, steps: [...soFar] },
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

/** What earlier attempts have left of the log's bytes, but enough to see how this one fares. */
const roomForLog = ({ logBytes }: StoredBuild, limit: number): number =>
  Math.max(limit - logBytes, limit / 8);

const becauseFull = async ({ config, worker }: AttemptDeps, error: unknown, room: RoomWatch) =>
  ranFull(error, await room.lowest(), { floor: config.DISK_FLOOR, worker });

/** An Engine that ends kills what it runs, which looks as if the command had failed. */
async function becauseStopped({ docker }: AttemptDeps, error: unknown): Promise<string | null> {
  const isKilled = error instanceof BuildFailed && error.exitCode === 137;
  return isKilled && (await stopsAnswering(docker)) ? 'The Docker Engine stopped.' : null;
}
