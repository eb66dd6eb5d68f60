import { type Build, type BuildState, hasEnded, type LogLine, moves, states } from './build.ts';
import { changeScript, createScript, settleScript } from './build-scripts.ts';
import type { Keys } from './keys.ts';
import type { RedisConnection } from './redis.ts';

/** Redis and the names of the keys in it: what every function on the record needs. */
export type Store = { redis: RedisConnection; keys: Keys };

/** A build as it is first written; the rest of the record has its starting values. */
export type NewBuild = Pick<
  Build,
  | 'id'
  | 'repo'
  | 'repository'
  | 'sha'
  | 'ref'
  | 'name'
  | 'image'
  | 'recipe'
  | 'labels'
  | 'publish'
  | 'pullRequest'
  | 'tags'
  | 'pushedAt'
  | 'forced'
  | 'follows'
  | 'message'
  | 'author'
  | 'url'
  | 'retryOf'
> &
  Partial<Pick<Build, 'notifies' | 'reported' | 'cause'>>;

/** A record as read, with the number of changes made to it so far. */
export type StoredBuild = Build & { version: number };

/**
 * Writes the record of a queued build, or with `end` of one that failed before it could begin.
 * Returns false if there was one with this id already.
 */
export async function createBuild(
  { redis, keys }: Store,
  build: NewBuild,
  end?: Pick<Build, 'failure'> & { reason: string },
): Promise<boolean> {
  const now = new Date();
  const state = end ? 'failed' : 'queued';
  const record: Omit<Build, 'seq'> = {
    ...{ reported: null, cause: null },
    ...build,
    notifies: build.notifies ?? false,
    wantedTags: build.tags,
    tags: end ? [] : build.tags,
    state,
    step: null,
    steps: [],
    reason: end?.reason ?? 'Waiting for a worker.',
    failure: end?.failure ?? null,
    digest: null,
    size: null,
    attempt: 0,
    fence: 0,
    createdAt: now.toISOString(),
    queuedAt: now.toISOString(),
    startedAt: null,
    finishedAt: end ? now.toISOString() : null,
    worker: null,
    checkRunId: null,
    cancel: null,
    lines: 0,
    logBytes: 0,
    archivedAt: null,
    logRemovedAt: null,
    reuses: null,
  };
  const due = [keys.dueReports, ...(end ? [keys.dueNotifications] : [])];
  const seq = await redis.eval(
    createScript,
    due.length + 5,
    keys.build(build.id),
    keys.seq,
    keys.builds,
    keys.buildsOf(build.repository.id),
    keys.buildsIn(state),
    ...due,
    build.id,
    now.getTime(),
    ...fieldsOf({ ...record, version: 1 }),
  );
  return seq !== 0;
}

/** The record of a build, or null if there is none. */
export async function getBuild({ redis, keys }: Store, id: string): Promise<StoredBuild | null> {
  const fields = await redis.hgetall(keys.build(id));
  return 'state' in fields ? recordOf(fields) : null;
}

/** The records of many builds, in the order asked for; those that are gone are left out. */
export async function getBuilds({ redis, keys }: Store, ids: string[]): Promise<StoredBuild[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hgetall(keys.build(id));
  const answers = (await pipeline.exec()) ?? [];
  return answers.flatMap(([error, fields]) => {
    if (error) throw error;
    return 'state' in (fields as object) ? [recordOf(fields as Record<string, string>)] : [];
  });
}

/** What must hold for a change, and what it is; `undefined` fields are left as they are. */
export type Change = {
  /** The state to move to; without it the state stays. */
  to?: BuildState;
  /** The states it may be in before; by default those from which the table allows the move. */
  within?: readonly BuildState[];
  /** The fence of the attempt on whose behalf the change is made. */
  fence?: number;
  set?: Partial<Omit<Build, 'id' | 'seq' | 'state' | 'fence'>>;
  /** The fence from now on. */
  nextFence?: number;
  /** Fields that rise by one. */
  countUp?: ('attempt' | 'fence')[];
  /** Who must notice a change that is no move: readers of the record, as a rule, or nobody. */
  notice?: 'readers' | 'nobody';
  /** A last line for the log, written in the same step. */
  say?: Omit<LogLine, 'n'>;
};

/** How a change went: made, or refused and why. */
export type Outcome =
  | 'ok'
  | { refused: 'missing' }
  | { refused: 'fence' }
  | { refused: 'state'; state: BuildState };

/**
 * Changes a record in one atomic step, if its state allows it by the table of moves and its fence
 * is still the one given; otherwise nothing is written and the answer says why.
 */
export async function changeBuild(store: Store, id: string, change: Change): Promise<Outcome> {
  const { redis, keys } = store;
  const { to } = change;
  const from = (change.within ?? states).filter((state) => !to || moves[state].includes(to));
  const answer = String(
    await redis.eval(
      changeScript,
      from.length + 6,
      keys.build(id),
      ...from.map(keys.buildsIn),
      to ? keys.buildsIn(to) : keys.build(id),
      keys.dueReports,
      keys.dueArchives,
      keys.log(id),
      keys.dueNotifications,
      id,
      from.map((state) => JSON.stringify(state)).join(','),
      change.fence ?? '',
      to ? JSON.stringify(to) : '',
      Date.now(),
      to ? 'check' : (change.notice ?? 'readers'),
      to && hasEnded(to) ? 'end' : '',
      (change.countUp ?? []).join(','),
      change.say ? JSON.stringify(change.say) : '',
      ...fieldsOf({ ...(isVain(to) && { tags: [] }), ...change.set, fence: change.nextFence }),
    ),
  );
  if (answer === 'ok') return 'ok';
  if (answer === 'missing' || answer === 'fence') return { refused: answer };
  return { refused: 'state', state: JSON.parse(answer) as BuildState };
}

/** Whether a build in this state has ended without any tag that shows it. */
const isVain = (state: BuildState | undefined): boolean =>
  state !== undefined && hasEnded(state) && state !== 'succeeded';

/**
 * Takes a build off a list of due work, if it is still in the state and attempt that were dealt with: a
 * new step, say, is no new work, and nobody is asked to do it. Returns whether it was; if not, somebody else did it or there is newer work.
 */
export async function settle(
  { redis, keys }: Store,
  list: 'dueReports' | 'dueArchives',
  build: Pick<StoredBuild, 'id' | 'state' | 'attempt'>,
): Promise<boolean> {
  const { id, state, attempt } = build;
  const dealtWith = [JSON.stringify(state), attempt];
  return (await redis.eval(settleScript, 2, keys.build(id), keys[list], id, ...dealtWith)) === 1;
}

function fieldsOf(values: object): string[] {
  return Object.entries(values).flatMap(([field, value]) =>
    value === undefined ? [] : [field, JSON.stringify(value)],
  );
}

function recordOf(fields: Record<string, string>): StoredBuild {
  const entries = Object.entries(fields).map(([field, value]) => [field, JSON.parse(value)]);
  const build = { ...added, ...Object.fromEntries(entries) } as StoredBuild;
  return { ...build, recipe: { ...addedToRecipe, ...build.recipe } };
}

/** What records of an older version lack, with what that means. */
const added = {
  ...{ forced: false, follows: null, reuses: null, logRemovedAt: null, logBytes: 0 },
  ...{ notifies: false, cause: null },
};
const addedToRecipe = { ssh: [], cache: true };
