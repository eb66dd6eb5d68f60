import { nodeId, organization, simpleUser } from './account-shape.ts';
import { installationShape } from './app-shape.ts';
import { checkRunShape, checkSuiteShape } from './check-shape.ts';
import { listRefs, readCommit } from './git-read.ts';
import type { CheckRun } from './records.ts';
import { listedRepository, repositoryShape } from './repository-shape.ts';
import type { Installation, RepositoryState, World } from './world.ts';
import { accountOf, installationOf } from './world.ts';

/** What every webhook ends with; `sender` is a login. */
export const envelope = (world: World, repository: RepositoryState, sender: string) => {
  const installation = installationOf(world, repository);
  return {
    repository: { ...repositoryShape(world, repository), custom_properties: {} },
    ...(repository.owner.type === 'Organization'
      ? { organization: organization(world, repository.owner) }
      : {}),
    sender: simpleUser(world, accountOf(world, sender, 'User')),
    ...(installation
      ? { installation: { id: installation.id, node_id: nodeId('Integration', installation.id) } }
      : {}),
  };
};

const branchOf = async ({ repository, headSha }: CheckRun): Promise<string | null> => {
  const heads = await listRefs(repository.folder, 'refs/heads/');
  return heads.find(({ sha }) => sha === headSha)?.ref.slice('refs/heads/'.length) ?? null;
};

/** `check_run` events, `rerequested` or `requested_action`. */
export const checkRunPayload = async (
  world: World,
  run: CheckRun,
  action: 'rerequested' | 'requested_action',
  more: { sender: string; identifier?: string },
): Promise<Record<string, unknown>> => ({
  action,
  check_run: {
    ...checkRunShape(world, run),
    check_suite: checkSuiteShape(world, run, await branchOf(run)),
  },
  ...(more.identifier === undefined ? {} : { requested_action: { identifier: more.identifier } }),
  ...envelope(world, run.repository, more.sender),
});

/** `check_suite.rerequested` for the suite that a run is in. */
export const checkSuitePayload = async (
  world: World,
  run: CheckRun,
  sender: string,
): Promise<Record<string, unknown>> => {
  const commit = await readCommit(run.repository.folder, run.headSha);
  const suite = checkSuiteShape(world, run, await branchOf(run));
  const { author, committer, message, sha, tree } = commit;
  return {
    action: 'rerequested',
    check_suite: {
      ...suite,
      rerequestable: true,
      runs_rerequestable: true,
      latest_check_runs_count: world.checkRuns.filter((one) => one.suiteId === run.suiteId).length,
      check_runs_url: `${suite.url}/check-runs`,
      head_commit: {
        id: sha,
        tree_id: tree,
        message,
        timestamp: committer.date,
        author: { name: author.name, email: author.email },
        committer: { name: committer.name, email: committer.email },
      },
    },
    ...envelope(world, run.repository, sender),
  };
};

/** `installation` events; `created` and `deleted` list the repositories. */
export const installationPayload = (
  world: World,
  installation: Installation,
  action: 'created' | 'deleted' | 'suspend' | 'unsuspend' | 'new_permissions_accepted',
): Record<string, unknown> => ({
  action,
  installation: installationShape(world, installation),
  repositories: installation.repositories.map(listedRepository),
  ...(action === 'created' ? { requester: null } : {}),
  sender: simpleUser(world, accountOf(world, 'octo-admin', 'User')),
});

/** `installation_repositories` events, `added` or `removed`. */
export const coveragePayload = (
  world: World,
  installation: Installation,
  action: 'added' | 'removed',
  repositories: readonly RepositoryState[],
): Record<string, unknown> => ({
  action,
  installation: installationShape(world, installation),
  repository_selection: 'selected',
  repositories_added: action === 'added' ? repositories.map(listedRepository) : [],
  repositories_removed: action === 'removed' ? repositories.map(listedRepository) : [],
  requester: null,
  sender: simpleUser(world, accountOf(world, 'octo-admin', 'User')),
});

/** `repository` events; `changes` is what some of them add. */
export const repositoryPayload = (
  world: World,
  repository: RepositoryState,
  action: string,
  changes?: Record<string, unknown>,
): Record<string, unknown> => ({
  action,
  ...(changes ? { changes } : {}),
  ...envelope(world, repository, 'octo-admin'),
});
