import { buildIdParams } from '../routes/api-input.ts';
import { buildQuerySchema, eventsQuerySchema, linesQuerySchema } from '../routes/query.ts';
import { retryExample } from '../routes/retry-body.ts';
import type { Operation } from './operation.ts';

const tag = 'Builds';
const params = buildIdParams;

/** What there is below `/api/builds`. */
export const buildOperations: readonly Operation[] = [
  {
    ...{ method: 'get', path: '/api/builds', id: 'listBuilds', tag, who: 'readers' },
    summary: 'The builds you may see, newest first',
    description:
      'So many records are looked at for one page at most: a page may be short, even empty, and yet have a `cursor` to go on with.',
    query: buildQuerySchema,
    answers: {
      200: {
        says: 'One page of builds.',
        headers: ['ETag', 'Link'],
        ...{ type: 'application/json', component: 'BuildList' },
      },
    },
  },
  {
    ...{ method: 'get', path: '/api/builds/{id}', id: 'getBuild', tag, who: 'readers' },
    summary: 'The record of a build',
    params,
    answers: {
      200: {
        says: 'The record.',
        headers: ['ETag'],
        ...{ type: 'application/json', component: 'Build' },
      },
    },
  },
  {
    ...{ method: 'get', path: '/api/builds/{id}/log', id: 'getLog', tag, who: 'readers' },
    summary: 'The log as text, so far or until the build ends',
    description:
      'Lines that you do not get are told in one line, `… 120 lines are left out here: …`.',
    params,
    query: linesQuerySchema,
    answers: {
      200: { says: 'The lines.', type: 'text/plain' },
      410: {
        says: 'The log was removed for its age.',
        ...{ type: 'application/json', component: 'Error' },
      },
    },
  },
  {
    ...{ method: 'get', path: '/api/builds/{id}/events', id: 'followBuild', tag, who: 'readers' },
    summary: 'The log and the record as server-sent events, until the build ends',
    description:
      'Every `data` is JSON. The id of `log` and `gap` is the number of the last line, that of the last `state` is `end-<number>`; send it as `Last-Event-ID` to go on after it.',
    params,
    query: eventsQuerySchema,
    answers: {
      200: {
        says: 'The events.',
        ...{ type: 'text/event-stream', events: { log: 'LogLine', gap: 'Gap', state: 'Build' } },
      },
      204: { says: 'There is no more: do not come back.' },
    },
  },
  {
    ...{ method: 'post', path: '/api/builds/{id}/cancel', id: 'cancelBuild', tag, who: 'writers' },
    summary: 'Cancel a build',
    params,
    answers: {
      202: { says: 'It ends in a moment.', type: 'application/json', component: 'Build' },
      409: { says: 'It has ended already.', type: 'application/json', component: 'Error' },
    },
  },
  {
    ...{ method: 'post', path: '/api/builds/{id}/retry', id: 'retryBuild', tag, who: 'writers' },
    summary: 'Build an ended build’s commit again',
    description:
      'A new build, whose `retryOf` is the old one. With `"cache": false` it uses no layer of an earlier build and no earlier image.',
    params,
    body: { component: 'RetryBody', isRequired: false, example: retryExample },
    answers: {
      201: { says: 'The new build.', type: 'application/json', component: 'Build' },
      409: { says: 'It has not ended yet.', type: 'application/json', component: 'Error' },
    },
  },
];
