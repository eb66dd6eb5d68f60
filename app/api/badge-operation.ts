import { repositoryParams } from '../routes/api-input.ts';
import { badgeQuerySchema } from '../routes/query.ts';
import type { Operation } from './operation.ts';

/** The picture of a repository's state, for a README. */
export const badgeOperation: Operation = {
  ...{ method: 'get', path: '/badge/{owner}/{repo}.svg', id: 'getBadge' },
  ...{ tag: 'Repositories', who: 'everybody' },
  summary: 'The state of the last builds as a picture',
  description:
    'Of the default branch, or of another ref or one rule. Where several rules built the last commit, the worst counts. What you may not see, and what was never built, is `unknown`.',
  params: repositoryParams,
  query: badgeQuerySchema,
  answers: {
    200: {
      says: 'One of passing, failing, errored, cancelled, building, unknown.',
      headers: ['ETag'],
      type: 'image/svg+xml',
    },
  },
};
