import { hasEnded } from '../../queue/build.ts';
import { listBuilds, oldestIn } from '../../queue/build-list.ts';
import { getBuild, type Store } from '../../queue/build-store.ts';
import { enqueueSweep } from '../../queue/queues.ts';
import { getRepository, saveRepository } from '../../queue/repositories.ts';
import type { Trigger } from '../../queue/trigger.ts';
import { cancelBuild } from '../cancel-build.ts';
import { AccessEnded } from '../forge.ts';
import { obeyComment } from './obey-comment.ts';
import { approvePullRequest, planPullRequest } from './plan-pull-request.ts';
import { planMissedPush, planPush } from './plan-push.ts';
import type { Planner } from './planner.ts';
import { retryBuild } from './retry-build.ts';

/**
 * Does what a delivery asks for and says in one sentence what that was. Doing it again with the
 * same GUID changes nothing. Throws when it should be tried again, e.g. when GitHub is away.
 */
export async function plan(planner: Planner, guid: string, trigger: Trigger): Promise<string> {
  const { kind } = trigger;
  const act = actions[kind] as (
    planner: Planner,
    trigger: Trigger,
    guid: string,
  ) => Promise<string>;
  try {
    return await act(planner, trigger, guid);
  } catch (error) {
    if (error instanceof AccessEnded) return `Nothing to do: ${error.message}`;
    throw error;
  }
}

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

  'rerun build': async (planner, { buildId, repositoryId }, guid) => {
    const build = await ofRepository(planner.store, buildId, repositoryId);
    if (!build) return `Nothing to do: there is no build ${buildId}.`;
    const id = await retryBuild(planner, build, guid);
    return id ? `Build ${id} repeats ${buildId}.` : `Nothing to do: ${buildId} has not ended.`;
  },

  'rebuild without cache': async (planner, { buildId, repositoryId, by }, guid) => {
    const build = await ofRepository(planner.store, buildId, repositoryId);
    if (!build) return `Nothing to do: there is no build ${buildId}.`;
    const id = await retryBuild(planner, build, guid, { cache: false });
    return id
      ? `Build ${id} repeats ${buildId} without cache for ${by}.`
      : `Nothing to do: ${buildId} has not ended.`;
  },

  'rerun commit': async (planner, { repositoryId, sha }, guid) => {
    const everything = async () => true;
    const page = { limit: 100 };
    const { builds } = await listBuilds(planner.store, { repositoryId, sha }, page, everything);
    const newest = new Map(builds.reverse().map((build) => [`${build.ref} ${build.name}`, build]));
    const ended = [...newest.values()].filter((build) => hasEnded(build.state));
    for (const build of ended) await retryBuild(planner, build, guid);
    return `${ended.length} builds of commit ${sha} are repeated.`;
  },

  'cancel build': async (planner, { buildId, repositoryId, by }) => {
    const build = await ofRepository(planner.store, buildId, repositoryId);
    const done = build && (await cancelBuild(planner, buildId, `Cancelled by ${by}.`));
    return done ? `Build ${buildId} is cancelled.` : `Nothing to do: ${buildId} is not running.`;
  },

  'repository changed': async ({ store }, { repository }) => {
    await saveRepository(store, repository);
    return `${repository.fullName} is known as it is now.`;
  },

  'access begins': async ({ store, queues }, { installationId, repositoryIds }) => {
    for (const id of repositoryIds ?? []) {
      const known = await getRepository(store, id);
      if (known) await saveRepository(store, { ...known, installationId });
    }
    await enqueueSweep(queues, repositoryIds === null ? { installationId } : { repositoryIds });
    return 'What is known of these repositories is compared with GitHub.';
  },

  'access ended': async (planner, { repositoryIds, installationId, reason }) => {
    let cancelled = 0;
    for (const state of ['queued', 'running'] as const) {
      for (const id of await oldestIn(planner.store, state, 100_000)) {
        const repository = (await getBuild(planner.store, id))?.repository;
        const isMeant =
          repository &&
          (repositoryIds.includes(repository.id) ||
            (installationId !== null && repository.installationId === installationId));
        if (isMeant && (await cancelBuild(planner, id, reason))) cancelled += 1;
      }
    }
    return `${reason} ${cancelled} builds were cancelled.`;
  },
};

async function ofRepository(store: Store, id: string, repositoryId: number) {
  const build = await getBuild(store, id);
  return build?.repository.id === repositoryId ? build : null;
}
