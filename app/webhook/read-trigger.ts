import { z } from 'zod';
import type { PullRequest, Push } from '../../queue/trigger.ts';
import {
  envelope,
  type Reading,
  repositoryOf,
  secondsOf,
  senderOf,
  timeSchema,
} from './payload.ts';
import { readComment } from './read-comment.ts';

/**
 * Reads a delivery's payload, whose form is GitHub's
 * (https://docs.github.com/en/webhooks/webhook-events-and-payloads). Throws a ZodError when a
 * field that is needed is missing or of another kind.
 */
export function readTrigger(event: string, payload: unknown): Reading {
  const { action } = actionSchema.parse(payload);
  const read = readerOf(event, action);
  return read
    ? read(payload)
    : { ignored: `${event}${action ? `.${action}` : ''} is not acted on.` };
}

/** Whether deliveries of an event are acted on at all; most are not. */
export const isActedOn = (event: string, action: string | null): boolean =>
  readerOf(event, action ?? undefined) !== undefined;

const readerOf = (event: string, action: string | undefined) =>
  readers[action === undefined ? event : `${event}.${action}`];

const actionSchema = z.object({ action: z.string().optional() });

const pushSchema = envelope.extend({
  ref: z.string(),
  before: z.string(),
  after: z.string(),
  deleted: z.boolean(),
  forced: z.boolean().default(false),
  base_ref: z.string().nullish(),
  head_commit: z
    .object({
      id: z.string(),
      message: z.string(),
      timestamp: z.string().nullish(),
      author: z.object({ name: z.string() }).nullish(),
    })
    .nullish(),
});

const checkRunSchema = envelope.extend({
  check_run: z.object({ external_id: z.string().nullish() }),
  requested_action: z.object({ identifier: z.string() }).nullish(),
});

const pullRequestSchema = envelope.extend({
  pull_request: z.object({
    number: z.number(),
    updated_at: z.string().nullish(),
    head: z.object({
      sha: z.string(),
      repo: z.object({ id: z.number(), pushed_at: z.string().nullish() }).nullish(),
    }),
    base: z.object({ ref: z.string() }),
  }),
});

const checkSuiteSchema = envelope.extend({ check_suite: z.object({ head_sha: z.string() }) });

const installationSchema = z.object({
  installation: z.object({ id: z.number(), updated_at: timeSchema }),
  repositories: z.array(z.object({ id: z.number() })).nullish(),
});

const removedSchema = installationSchema.extend({
  repositories_removed: z.array(z.object({ id: z.number() })),
});

const addedSchema = installationSchema.extend({
  repositories_added: z.array(z.object({ id: z.number() })),
});

/** One reader an event; what is not listed here is not acted on. */
const readers: Record<string, (payload: unknown) => Reading> = {
  push: readPush,
  'pull_request.opened': readPullRequest,
  'pull_request.synchronize': readPullRequest,
  'pull_request.reopened': readPullRequest,
  'issue_comment.created': readComment,
  'check_run.rerequested': (payload) => {
    const event = checkRunSchema.parse(payload);
    return { kind: 'rerun build', ...checkRun(event) };
  },
  'check_run.requested_action': (payload) => {
    const event = checkRunSchema.parse(payload);
    const { identifier } = event.requested_action ?? {};
    if (identifier === 'approve') return approvalByButton(event);
    if (identifier === 'cancel') return { kind: 'cancel build', ...checkRun(event) };
    if (identifier === 'rebuild') return { kind: 'rebuild without cache', ...checkRun(event) };
    return { ignored: `The action ${identifier} is not one of ours.` };
  },
  'check_suite.rerequested': (payload) => {
    const event = checkSuiteSchema.parse(payload);
    const { head_sha: sha } = event.check_suite;
    return { kind: 'rerun commit', repositoryId: event.repository.id, sha, by: senderOf(event) };
  },
  'repository.renamed': repositoryChanged,
  'repository.transferred': repositoryChanged,
  'repository.edited': repositoryChanged,
  'repository.privatized': repositoryChanged,
  'repository.publicized': repositoryChanged,
  'repository.deleted': (payload) => ({
    kind: 'access ended',
    repositoryIds: [envelope.parse(payload).repository.id],
    installationId: null,
    reason: 'The repository was deleted.',
  }),
  'installation.deleted': installationEnded('The GitHub App was uninstalled.'),
  'installation.suspend': installationEnded('The GitHub App’s installation was suspended.'),
  // Installed again, it has another id.
  'installation.created': (payload) => {
    const { installation, repositories } = installationSchema.parse(payload);
    return accessBegins(installation, repositories ?? null);
  },
  'installation.unsuspend': (payload) =>
    accessBegins(installationSchema.parse(payload).installation, null),
  'installation_repositories.added': (payload) => {
    const { installation, repositories_added: added } = addedSchema.parse(payload);
    return accessBegins(installation, added);
  },
  'installation_repositories.removed': (payload) => ({
    kind: 'access ended',
    repositoryIds: removedSchema.parse(payload).repositories_removed.map(({ id }) => id),
    installationId: null,
    reason: 'The repository was taken away from the GitHub App.',
  }),
};

function readPush(payload: unknown): Push {
  const event = pushSchema.parse(payload);
  const { head_commit: head, repository } = event;
  return {
    kind: 'push',
    repository: repositoryOf(event),
    ref: event.ref,
    before: event.before,
    after: event.after,
    forced: event.forced,
    sha: event.deleted ? null : (head?.id ?? event.after),
    message: head?.message ?? '',
    author: head?.author?.name ?? senderOf(event),
    pushedAt: secondsOf(repository.pushed_at),
    committedAt: head?.timestamp ?? new Date().toISOString(),
    baseRef: event.base_ref?.replace(/^refs\/heads\//, '') ?? null,
  };
}

function readPullRequest(payload: unknown): PullRequest {
  const event = pullRequestSchema.parse(payload);
  const { number, head, base, updated_at: updatedAt } = event.pull_request;
  return {
    kind: 'pull request',
    repository: repositoryOf(event),
    number,
    sha: head.sha,
    baseRef: base.ref,
    // The head of a repository that was deleted is a stranger's as well.
    isFork: head.repo?.id !== event.repository.id,
    updatedAt: secondsOf(updatedAt),
    headSince: Math.max(secondsOf(updatedAt), secondsOf(head.repo?.pushed_at ?? updatedAt)),
  };
}

/** The check's external id says which pull request and commit it is about. */
function approvalByButton(event: z.infer<typeof checkRunSchema>): Reading {
  const id = /^pull-(\d+)-([0-9a-f]{40})(-refused-\d+)?$/.exec(event.check_run.external_id ?? '');
  if (!id) return { ignored: 'The check is not one that waits for approval.' };
  const [, number, sha = ''] = id;
  const repositoryId = event.repository.id;
  return { kind: 'approve', repositoryId, number: Number(number), sha, by: senderOf(event) };
}

function repositoryChanged(payload: unknown): Reading {
  const { asOf = 0, ...repository } = repositoryOf(envelope.parse(payload));
  // The times are whole seconds, of the last push if need be, which a change came after.
  return { kind: 'repository changed', repository: { ...repository, asOf: asOf + 1 } };
}

function accessBegins(
  { id, updated_at: at }: z.infer<typeof installationSchema>['installation'],
  repositories: { id: number }[] | null,
): Reading {
  const repositoryIds = repositories?.map((one) => one.id) ?? null;
  return { kind: 'access begins', installationId: id, repositoryIds, at: secondsOf(at) };
}

function installationEnded(reason: string) {
  return (payload: unknown): Reading => ({
    kind: 'access ended',
    repositoryIds: [],
    installationId: installationSchema.parse(payload).installation.id,
    reason,
  });
}

function checkRun(event: z.infer<typeof checkRunSchema>) {
  return {
    repositoryId: event.repository.id,
    buildId: event.check_run.external_id ?? '',
    by: senderOf(event),
  };
}
