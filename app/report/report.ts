import { hasEnded } from '../../queue/build.ts';
import { changeBuild, getBuild, type Store, settle } from '../../queue/build-store.ts';
import { noteRefused } from '../../queue/refused-reports.ts';
import { type Forge, ReportRefused } from '../forge.ts';
import { lookAgain } from './close-open-checks.ts';
import { inPresentRepository } from './in-present-repository.ts';
import { renderCheck } from './render-check.ts';

/**
 * Makes a build's check show what its record says, with at most one write; does nothing if it
 * does already. Returns why the forge will never take the report, if that is so. Throws when it
 * should be tried again.
 */
export async function reportBuild(
  store: Store,
  forge: Forge,
  id: string,
): Promise<{ refused: string } | undefined> {
  const build = await getBuild(store, id);
  if (!build) {
    await store.redis.zrem(store.keys.dueReports, id);
    return;
  }
  const reported = `${build.state} ${build.attempt}`;
  const outcome =
    build.reported === reported ? undefined : await write(store, forge, build, reported);
  if (hasEnded(build.state)) await lookAgain(store, id);
  await settle(store, 'dueReports', build);
  return outcome;
}

async function write(
  store: Store,
  forge: Forge,
  build: Parameters<Forge['reportCheck']>[0],
  reported: string,
): Promise<{ refused: string } | undefined> {
  try {
    // Said before it is done: after a crash the run that may exist is looked for, not made twice.
    if (build.reported === null) await remember(store, build.id, { reported: 'beginning' });
    const present = await inPresentRepository(store, build);
    const checkRunId = await forge.reportCheck(present, renderCheck(build));
    await remember(store, build.id, { reported, checkRunId });
  } catch (error) {
    if (!(error instanceof ReportRefused)) throw error;
    await noteRefused(store, build);
    await remember(store, build.id, { reported });
    return { refused: error.message };
  }
}

async function remember(
  store: Store,
  id: string,
  set: { reported: string; checkRunId?: number | null },
): Promise<void> {
  await changeBuild(store, id, { set, notice: 'nobody' });
}
