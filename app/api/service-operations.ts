import { z } from 'zod';
import type { Answer, Operation } from './operation.ts';

const tag = 'Service';
const message = (says: string): Answer => ({
  says,
  ...{ type: 'application/json', component: 'Message' },
});

/** What concerns the service as a whole. */
export const serviceOperations: readonly Operation[] = [
  {
    ...{ method: 'get', path: '/api/openapi.json', id: 'getDescription', tag, who: 'everybody' },
    summary: 'This description',
    answers: {
      200: {
        says: 'OpenAPI 3.1.',
        headers: ['ETag'],
        ...{ type: 'application/json', component: 'Description' },
      },
    },
  },
  {
    ...{ method: 'post', path: '/api/github/webhooks', id: 'receiveDelivery', tag, who: 'github' },
    summary: 'GitHub’s deliveries',
    description: 'Signed with the App’s secret. There is none where there is no GitHub App.',
    headers: z.object({
      'x-github-delivery': z.string(),
      'x-github-event': z.string(),
      'x-hub-signature-256': z.string(),
    }),
    body: {
      component: 'WebhookPayload',
      isRequired: true,
      example: { zen: 'Design for failure.' },
    },
    answers: {
      202: message('It is recorded.'),
      400: message('A header is missing, or the payload is not what GitHub documents.'),
      401: message('The signature is missing or wrong.'),
      413: message('The payload is larger than 25 MB.'),
      415: message('The payload is not JSON.'),
      503: message('It could not be recorded; send it again.'),
    },
  },
];
