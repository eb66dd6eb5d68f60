import type { Archive } from '../../queue/archive.ts';
import type { LogLine } from '../../queue/build.ts';
import { listBuilds } from '../../queue/build-list.ts';
import type { Store, StoredBuild } from '../../queue/build-store.ts';
import { readLog } from '../../queue/read-log.ts';
import { readBuildSteps } from './build-steps.ts';
import { type Compared, type Comparison, compareBuilds } from './compare-builds.ts';

/** A build beside the one that it is compared with: null if there is none before it. */
export type WhySlow = { before: StoredBuild | null; comparison: Comparison };

type Logs = { store: Store; archive: Archive };

/** Compares an ended build with the last one before it of its rule and ref that succeeded. */
export async function whySlow(logs: Logs, build: StoredBuild): Promise<WhySlow> {
  const before = await successBefore(logs.store, build);
  const [now, then] = await Promise.all([compared(logs, build), before && compared(logs, before)]);
  return { before, comparison: compareBuilds(now, then) };
}

async function successBefore(store: Store, build: StoredBuild): Promise<StoredBuild | null> {
  const { repository, ref, name, seq } = build;
  const filter = { repositoryId: repository.id, ref, state: 'succeeded' } as const;
  // What reused an image ran no BuildKit that one could compare with.
  const isAlike = async (other: StoredBuild) =>
    other.name === name && other.ref === ref && other.reuses === null;
  const { builds } = await listBuilds(store, filter, { limit: 1, before: seq }, isAlike);
  return builds[0] ?? null;
}

const compared = async (logs: Logs, build: StoredBuild): Promise<Compared> => ({
  steps: build.steps,
  buildSteps: await readBuildSteps(linesOf(logs, build.id)),
});

async function* linesOf({ store, archive }: Logs, id: string): AsyncGenerator<LogLine[]> {
  for await (const event of readLog(store, archive, id)) if ('lines' in event) yield event.lines;
}
