import type { Build } from './build.ts';
import { noteReportScript } from './build-scripts.ts';
import type { Store } from './build-store.ts';

/**
 * Says in a build's record what its check shows, in one atomic step and only if the record still says
 * of it what it did when the caller read it. Returns false if another process reported it since.
 */
export async function noteReport(
  { redis, keys }: Store,
  { id, reported: was }: Pick<Build, 'id' | 'reported'>,
  { reported, checkRunId }: Pick<Build, 'reported' | 'checkRunId'>,
): Promise<boolean> {
  const values = [was, reported, checkRunId].map((value) => JSON.stringify(value));
  return (await redis.eval(noteReportScript, 1, keys.build(id), ...values)) === 1;
}
