import type { Build } from '../../queue/build.ts';
import type { BuildJson } from '../api/build-schema.ts';

/** What the API shows of a record: all but what only Slipway's own processes need. */
export function buildJson(build: Build): BuildJson {
  const { id, repo, sha, ref, name, image, tags, state, step, steps, reason, failure } = build;
  const { digest, size, attempt, createdAt, startedAt, finishedAt, worker, checkRunId } = build;
  const { url, message, author, retryOf, reuses, wantedTags, publish, pullRequest } = build;
  const { logRemovedAt, cause } = build;
  return {
    ...{ id, repo, sha, ref, name, image, tags, state, step, steps, reason, failure },
    ...{ digest, size, attempt, createdAt, startedAt, finishedAt, worker, checkRunId },
    ...{ url, message, author, retryOf, reuses, wantedTags, publish, pullRequest },
    ...{ logRemovedAt, cause },
  };
}
