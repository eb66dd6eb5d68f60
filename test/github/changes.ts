import { organization, simpleUser } from './account-shape.ts';
import { installApp } from './app-shape.ts';
import { type CommentOptions, commentPayload } from './comments.ts';
import type { DeliverOptions } from './deliveries.ts';
import type { Description } from './description.ts';
import {
  checkRunPayload,
  checkSuitePayload,
  coveragePayload,
  installationPayload,
  repositoryPayload,
} from './event-payloads.ts';
import { git } from './git.ts';
import type { PullRequestAction } from './pull-request-payload.ts';
import { openPullRequest, type PullRequestOptions, updatePullRequest } from './pull-requests.ts';
import type { CheckRun, Delivery } from './records.ts';
import { announce, makeRepository, type Repository, repositoryHandle } from './repository.ts';
import type { Installation, PullRequest, World } from './world.ts';
import { accountOf, fullName, installationOf } from './world.ts';

type By = DeliverOptions & { sender?: string };

/** What people do on GitHub's pages; each delivers the webhook that GitHub would. */
export const changes = (world: World, description: Description) => {
  const tell = (event: string, payload: Record<string, unknown>, options?: DeliverOptions) =>
    announce(world, description, event, payload, options);
  const move = (repository: Repository, owner: string, name: string): void => {
    const { state } = repository;
    state.oldNames.push(fullName(state));
    state.name = name;
    state.owner = accountOf(world, owner, state.owner.type);
  };
  const cover = (repository: Repository): Installation => {
    const installation = installationOf(world, repository.state);
    if (!installation) throw new Error(`the App does not cover ${repository.fullName}`);
    return installation;
  };
  const uncover = (repository: Repository): Installation => {
    const installation = cover(repository);
    installation.repositories.splice(installation.repositories.indexOf(repository.state), 1);
    return installation;
  };

  return {
    /** Delivers `installation.created` for an installation that `install` made. */
    announceInstallation: (installation: Installation): Promise<Delivery> =>
      tell('installation', installationPayload(world, installation, 'created')),
    suspend: (installation: Installation): Promise<Delivery> => {
      installation.suspended = true;
      return tell('installation', installationPayload(world, installation, 'suspend'));
    },
    unsuspend: (installation: Installation): Promise<Delivery> => {
      installation.suspended = false;
      return tell('installation', installationPayload(world, installation, 'unsuspend'));
    },
    /** Takes the App off an account: its tokens die, then `installation.deleted` is delivered. */
    uninstall: (installation: Installation): Promise<Delivery> => {
      installation.removed = true;
      return tell('installation', installationPayload(world, installation, 'deleted'));
    },
    /** Changes what an installation grants, for tokens made from now on. */
    grant: (installation: Installation, permissions: Record<string, string>): void => {
      installation.permissions = permissions;
    },
    /** Renames a repository; the old name redirects. */
    rename: (repository: Repository, name: string): Promise<Delivery> => {
      const from = repository.state.name;
      move(repository, repository.state.owner.login, name);
      const payload = { repository: { name: { from } } };
      return tell('repository', repositoryPayload(world, repository.state, 'renamed', payload));
    },
    /** Gives a repository to another account, on which the App is installed if it was not. */
    transfer: (repository: Repository, owner: string): Promise<Delivery> => {
      const { state } = repository;
      const old = state.owner;
      uncover(repository);
      move(repository, owner, state.name);
      installApp(world, owner, old.type).repositories.push(state);
      const from =
        old.type === 'User'
          ? { user: simpleUser(world, old) }
          : { organization: organization(world, old) };
      return tell(
        'repository',
        repositoryPayload(world, state, 'transferred', { owner: { from } }),
      );
    },
    /** Makes a public repository private. */
    privatize: (repository: Repository): Promise<Delivery> => {
      repository.state.private = true;
      return tell('repository', repositoryPayload(world, repository.state, 'privatized'));
    },
    /** Takes a repository out of its installation and delivers that. */
    removeRepository: (repository: Repository): Promise<Delivery> => {
      const installation = uncover(repository);
      const payload = coveragePayload(world, installation, 'removed', [repository.state]);
      return tell('installation_repositories', payload);
    },
    /** Adds a repository to its owner's installation and delivers that. */
    addRepository: (repository: Repository): Promise<Delivery> => {
      const { state } = repository;
      const installation = installApp(world, state.owner.login, state.owner.type);
      installation.repositories.push(state);
      const payload = coveragePayload(world, installation, 'added', [state]);
      return tell('installation_repositories', payload);
    },
    /** Deletes a repository for good; Apps are not told. */
    deleteRepository: (repository: Repository): void => {
      if (installationOf(world, repository.state)) uncover(repository);
      repository.state.deleted = true;
    },
    /** A copy under another account, which the App does not cover. */
    fork: async (repository: Repository, owner: string): Promise<Repository> => {
      const { defaultBranch, folder, name, private: hidden } = repository.state;
      const state = await makeRepository(world, owner, name, {
        private: hidden,
        defaultBranch,
        installed: false,
        ownerType: 'User',
        fork: true,
      });
      await git(state.folder, ['fetch', '-q', folder, '+refs/heads/*:refs/heads/*']);
      return repositoryHandle(world, description, state);
    },
    openPullRequest: (
      options: Omit<PullRequestOptions, 'into' | 'from'> & { into: Repository; from: Repository },
    ): Promise<{ pull: PullRequest; delivery: Delivery }> =>
      openPullRequest(world, description, {
        ...options,
        into: options.into.state,
        from: options.from.state,
      }),
    updatePullRequest: (
      pull: PullRequest,
      action: Exclude<PullRequestAction, 'opened'>,
      options?: DeliverOptions,
    ): Promise<Delivery> => updatePullRequest(world, description, pull, action, options),
    /** Somebody writes, or edits, a comment below a pull request. */
    comment: (pull: PullRequest, body: string, options: CommentOptions = {}) =>
      tell(
        'issue_comment',
        commentPayload(world, { ...pull, isPullRequest: true }, body, options),
        options,
      ),
    /** Somebody writes a comment below an issue, which need not be there. */
    commentOnIssue: (repository: Repository, body: string, options: CommentOptions = {}) => {
      const issue = { base: repository.state, number: 99, isPullRequest: false };
      return tell('issue_comment', commentPayload(world, issue, body, options), options);
    },
    /** Presses *Re-run* on a check run. */
    rerequest: async (run: CheckRun, { sender = 'alice', ...options }: By = {}) =>
      tell('check_run', await checkRunPayload(world, run, 'rerequested', { sender }), options),
    /** Presses *Re-run all checks*. */
    rerequestSuite: async (run: CheckRun, { sender = 'alice', ...options }: By = {}) =>
      tell('check_suite', await checkSuitePayload(world, run, sender), options),
    /** Presses one of the buttons of a check run, whether or not the run offers it. */
    requestAction: async (
      run: CheckRun,
      identifier: string,
      { sender = 'alice', ...options }: By = {},
    ) => {
      const payload = await checkRunPayload(world, run, 'requested_action', { sender, identifier });
      return tell('check_run', payload, options);
    },
  };
};
