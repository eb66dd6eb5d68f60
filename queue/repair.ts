import { hasEnded } from './build.ts';
import { getBuild, type Store } from './build-store.ts';
import { endWaiting } from './end-waiting.ts';
import { missing } from './missing-keys.ts';
import { enqueueArchive, enqueueBuild, enqueueReport, type Queues } from './queues.ts';

/** What was found out of order and mended. */
export const repairs = [
  'queued without a job',
  'running without a job',
  'not reported',
  'not archived',
  'waited too long',
  'open on GitHub',
] as const;

/** One of the things that are mended. */
export type Repair = (typeof repairs)[number];

/** What mending needs; `suspects` is kept by the caller from one look to the next. */
export type RepairDeps = {
  store: Store;
  queues: Queues;
  /** What looked wrong at the last look: a crash or a slow process may be about to mend it itself. */
  suspects: Set<string>;
  /** How long a build may wait for a worker, in milliseconds. */
  longestWait: number;
};

/**
 * Mends what a process wrote into the record but did not live to put into a queue: builds without
 * a job, checks that must follow, logs that must be archived; and ends builds that no worker takes.
 * Only what looked the same at two looks in a row is touched, and only on the record's own word,
 * never because something is missing alone. It can run anywhere, as often as one likes. Returns what
 * was mended.
 */
export async function repair(deps: RepairDeps): Promise<Repair[]> {
  const found = new Map<string, () => Promise<Repair | null>>();
  for (const id of await withoutJob(deps, 'queued')) found.set(`queued ${id}`, giveJob(deps, id));
  for (const id of await withoutJob(deps, 'running')) found.set(`running ${id}`, giveJob(deps, id));
  for (const [id, since] of await dueWithoutJob(deps, 'dueReports', (one) => `reports:de:${one}`))
    found.set(`report ${id} ${since}`, async () => {
      await enqueueReport(deps.queues, id);
      return 'not reported';
    });
  for (const [id, since] of await dueWithoutJob(deps, 'dueArchives', (one) => `archives:${one}`))
    found.set(`archive ${id} ${since}`, async () => {
      await enqueueArchive(deps.queues, id);
      return 'not archived';
    });
  const mended: Repair[] = [];
  for (const [what, mend] of found) {
    const repaired = deps.suspects.has(what) ? await mend() : null;
    if (repaired) mended.push(repaired);
  }
  deps.suspects.clear();
  for (const what of found.keys()) deps.suspects.add(what);
  const ended = await endWaiting(deps, deps.longestWait);
  return [...mended, ...ended.map(() => 'waited too long' as const)];
}

async function withoutJob({ store }: RepairDeps, state: 'queued' | 'running'): Promise<string[]> {
  const { redis, keys } = store;
  return missing(
    store,
    await redis.zrange(keys.buildsIn(state), '0', '-1'),
    (id) => `builds:${id}`,
  );
}

/** With the time since when each is due: what is due anew between two looks is another thing. */
async function dueWithoutJob(
  { store }: RepairDeps,
  list: 'dueReports' | 'dueArchives',
  keyOf: (id: string) => string,
): Promise<[string, string | undefined][]> {
  const { redis, keys } = store;
  const scored = await redis.zrange(keys[list], '0', '-1', 'WITHSCORES');
  const ids = scored.filter((_, index) => index % 2 === 0);
  const lacking = await missing(store, ids, keyOf);
  return lacking.map((id) => [id, scored[scored.indexOf(id) + 1]]);
}

function giveJob({ store, queues }: RepairDeps, id: string) {
  return async (): Promise<Repair | null> => {
    const build = await getBuild(store, id);
    if (!build || hasEnded(build.state)) return null;
    await enqueueBuild(queues, store, build);
    return build.state === 'queued' ? 'queued without a job' : 'running without a job';
  };
}
