import { hasEnded } from '../../queue/build.ts';
import { getBuild, type Store, type StoredBuild, settle } from '../../queue/build-store.ts';
import { noteReport } from '../../queue/note-report.ts';
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
  found: StoredBuild,
  reported: string,
): Promise<{ refused: string } | undefined> {
  // Said before it is done: after a crash the run that may exist is looked for, not made twice.
  const begun = { ...found, reported: found.reported ?? 'beginning' };
  if (!(await noteReport(store, found, begun))) throw overtaken(found.id);
  try {
    const present = await inPresentRepository(store, found);
    const checkRunId = await forge.reportCheck(present, renderCheck(found), async () => {
      if (await othersReport(store, found.id, [begun.reported])) throw overtaken(found.id);
    });
    await noteReport(store, begun, { reported, checkRunId });
  } catch (error) {
    if (!(error instanceof ReportRefused)) throw error;
    await noteRefused(store, found);
    await noteReport(store, begun, { reported, checkRunId: found.checkRunId });
    return { refused: error.message };
  } finally {
    const other = await othersReport(store, found.id, [begun.reported, reported]);
    // The check may show something old by now, or there may be a second one.
    if (other && hasEnded(other.state)) await lookAgain(store, found.id);
  }
}

/** The build, if its record says something else of its check than what this process wrote. */
async function othersReport(
  store: Store,
  id: string,
  own: string[],
): Promise<StoredBuild | undefined> {
  const now = await getBuild(store, id);
  return now && !own.includes(now.reported ?? '') ? now : undefined;
}

const overtaken = (id: string): Error =>
  new Error(`Another process reported build ${id} in the meantime.`);
