import { hasEnded } from '../../queue/build.ts';
import { listBuilds } from '../../queue/build-list.ts';
import { getBuild, type Store } from '../../queue/build-store.ts';
import type { Jobs } from '../../queue/queues.ts';
import { reportRefusedAgain } from '../../queue/refused-reports.ts';
import { saveRepository } from '../../queue/repositories.ts';
import type { Trigger } from '../../queue/trigger.ts';
import { cancelBuild, cancelledBy } from '../cancel-build.ts';
import { AccessEnded } from '../forge.ts';
import { accessBegins, accessEnded } from './change-access.ts';
import { CommitUnknown } from './known-commit.ts';
import { obeyComment } from './obey-comment.ts';
import { approvePullRequest, planPullRequest } from './plan-pull-request.ts';
import { planMissedPush, planPush } from './plan-push.ts';
import type { Planner } from './planner.ts';
import { retryBuild } from './retry-build.ts';

/**
 * Does what a delivery asks for and says in one sentence what that was. Doing it again with the
 * same GUID changes nothing. `since` is when that was asked, in milliseconds since the epoch. Throws
 * when it should be tried again, e.g. when GitHub is away.
 */
export async function plan(
  planner: Planner,
  guid: string,
  trigger: Jobs['pushes'],
  since: number,
): Promise<string> {
  const { kind } = trigger;
  const act = actions[kind] as (
    planner: Planner,
    trigger: Trigger,
    guid: string,
  ) => Promise<string>;
  try {
    const mayBeKnown = trigger.wasMissed || kind === 'missed push';
    return await act({ ...planner, mayBeKnown }, trigger, guid);
  } catch (error) {
    const isLate = error instanceof CommitUnknown && Date.now() - since > patience;
    if (isLate || error instanceof AccessEnded) return `Nothing to do: ${error.message}`;
    throw error;
  }
}

/** How long a commit that GitHub told of and does not know is asked for, in milliseconds. */
const patience = 600_000;

const actions: {
  [kind in Trigger['kind']]: (
    planner: Planner,
    trigger: Extract<Trigger, { kind: kind }>,
    guid: string,
  ) => Promise<string>;
} = {
  push: (planner, push) => planPush(planner, push, 'webhook'),
  'missed push': planMissedPush,
  'pull request': planPullRequest,
  approve: approvePullRequest,
  'build comment': obeyComment,

  'rerun build': async (planner, { buildId, repositoryId, by }, guid) => {
    const build = await ofRepository(planner.store, buildId, repositoryId);
    if (!build) return `Nothing to do: there is no build ${buildId}.`;
    const id = await retryBuild(planner, build, guid, { by, kind: 'check' });
    return id ? `Build ${id} repeats ${buildId}.` : `Nothing to do: ${buildId} has not ended.`;
  },

  'rebuild without cache': async (planner, { buildId, repositoryId, by }, guid) => {
    const build = await ofRepository(planner.store, buildId, repositoryId);
    if (!build) return `Nothing to do: there is no build ${buildId}.`;
    const id = await retryBuild(planner, build, guid, { cache: false, by, kind: 'check' });
    return id
      ? `Build ${id} repeats ${buildId} without cache for ${by}.`
      : `Nothing to do: ${buildId} has not ended.`;
  },

  'rerun commit': async (planner, { repositoryId, sha, by }, guid) => {
    const everything = async () => true;
    const page = { limit: 100 };
    const { builds } = await listBuilds(planner.store, { repositoryId, sha }, page, everything);
    const newest = new Map(builds.reverse().map((build) => [`${build.ref} ${build.name}`, build]));
    const ended = [...newest.values()].filter((build) => hasEnded(build.state));
    for (const build of ended) await retryBuild(planner, build, guid, { by, kind: 'check' });
    return `${ended.length} builds of commit ${sha} are repeated.`;
  },

  'cancel build': async (planner, { buildId, repositoryId, by }) => {
    const build = await ofRepository(planner.store, buildId, repositoryId);
    const done = build && (await cancelBuild(planner, buildId, cancelledBy(by)));
    return done ? `Build ${buildId} is cancelled.` : `Nothing to do: ${buildId} is not running.`;
  },

  'repository changed': async ({ store, queues }, { repository }) => {
    await saveRepository(store, repository);
    await reportRefusedAgain(store, queues, repository.id);
    return `${repository.fullName} is known as it is now.`;
  },

  'access begins': accessBegins,
  'access ended': accessEnded,
};

async function ofRepository(store: Store, id: string, repositoryId: number) {
  const build = await getBuild(store, id);
  return build?.repository.id === repositoryId ? build : null;
}
