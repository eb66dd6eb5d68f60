import { repositoryParams } from '../routes/api-input.ts';
import { imagesQuerySchema } from '../routes/query.ts';
import { refExample } from '../routes/ref-body.ts';
import type { Operation } from './operation.ts';

const tag = 'Repositories';
const params = repositoryParams;
const base = '/api/repos/{owner}/{repo}';

/** What there is below `/api/repos`. */
export const repositoryOperations: readonly Operation[] = [
  {
    ...{ method: 'get', path: base, id: 'getRepository', tag, who: 'readers' },
    summary: 'A repository and its last build',
    params,
    answers: {
      200: {
        says: 'What is known of it.',
        headers: ['ETag'],
        ...{ type: 'application/json', component: 'Repository' },
      },
    },
  },
  {
    ...{ method: 'get', path: `${base}/images`, id: 'listImages', tag, who: 'readers' },
    summary: 'What the tags of its images show now, newest first',
    description:
      'As the records say it: a tag whose builds are no longer on record, or that somebody else moved in the registry, is not told.',
    params,
    query: imagesQuerySchema,
    answers: {
      200: {
        says: 'One page of tags.',
        headers: ['ETag', 'Link'],
        ...{ type: 'application/json', component: 'ImageList' },
      },
    },
  },
  {
    ...{ method: 'post', path: `${base}/builds`, id: 'buildRef', tag, who: 'writers' },
    summary: 'Build a branch, a tag or a commit',
    description:
      'Of any repository that the App is installed on. Each call makes new builds, one for each rule of the file at that commit, whatever its `on` and `paths` say.',
    params,
    body: { component: 'RefBody', isRequired: true, example: refExample },
    answers: {
      201: {
        says: 'The first of the new builds, and all of them in `builds`.',
        ...{ type: 'application/json', component: 'BuiltByHand' },
      },
      409: { says: 'There is nothing to build.', type: 'application/json', component: 'Error' },
    },
  },
  {
    ...{ method: 'post', path: `${base}/sweep`, id: 'sweepRepository', tag, who: 'writers' },
    summary: 'Look for pushes that did not arrive',
    description: 'Its branches and tags are compared with what was planned, a moment later.',
    params,
    answers: {
      202: { says: 'It will be done.', type: 'application/json', component: 'Message' },
      409: {
        says: 'No push of it ever came, or there is no GitHub to compare with.',
        ...{ type: 'application/json', component: 'Error' },
      },
    },
  },
];
