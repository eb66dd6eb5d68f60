import { z } from 'zod';
import { componentRef, componentSchemas } from './components.ts';
import { impliedAnswers } from './implied-answers.ts';
import type { Answer, Operation } from './operation.ts';
import { operations } from './operations.ts';

/** The description of the API in OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html). */
export type OpenApi = ReturnType<typeof openApi>;

/** Describes the API as it is served at an address. */
export const openApi = (publicUrl: string) => ({
  openapi: '3.1.1',
  info: {
    title: 'Slipway',
    version: '1',
    summary: 'Builds of container images',
    description:
      'What you may not see is answered 404, as if it were not there, and another method than those of a path 405. HEAD is answered wherever GET is. Times are ISO 8601 in UTC. Fields may be added at any time.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: publicUrl }],
  tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
  paths: pathsOf(operations),
  components: {
    schemas: componentSchemas(),
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', description: 'A GitHub token of yours.' },
      session: {
        ...{ type: 'apiKey', in: 'cookie', name: '__Host-slipway' },
        description: 'What a browser has once its person has signed in.',
      },
      signature: {
        ...{ type: 'apiKey', in: 'header', name: 'X-Hub-Signature-256' },
        description: 'The HMAC of the body that GitHub sends.',
      },
    },
  },
});

const pathsOf = (all: readonly Operation[]) =>
  Object.fromEntries(
    all.map(({ path }) => [
      path,
      Object.fromEntries(
        all
          .filter((operation) => operation.path === path)
          .map((operation) => [operation.method, describe(operation)]),
      ),
    ]),
  );

function describe(operation: Operation) {
  const { id, tag, summary, description, params, query, headers, body, who } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: securities[who],
    parameters: [
      ...parameters('path', params),
      ...parameters('query', query),
      ...parameters('header', headers),
    ],
    ...(body && {
      requestBody: {
        required: body.isRequired,
        content: {
          'application/json': { schema: componentRef(body.component), example: body.example },
        },
      },
    }),
    responses: responses({ ...impliedAnswers(operation), ...operation.answers }),
  };
}

const securities: Record<Operation['who'], Record<string, string[]>[]> = {
  readers: [{}, { token: [] }, { session: [] }],
  writers: [{ token: [] }, { session: [] }],
  everybody: [{}],
  github: [{ signature: [] }],
};

function parameters(place: 'path' | 'query' | 'header', schema: z.ZodObject | undefined) {
  const { properties = {}, required = [] } = schema ? z.toJSONSchema(schema, { io: 'input' }) : {};
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as { description?: string };
    return {
      ...{ name, in: place },
      ...(description && { description }),
      required: required.includes(name),
      schema: rest,
    };
  });
}

const responses = (answers: Record<string, Answer>) =>
  Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer)]));

function response(answer: Answer) {
  const { says: description, headers = [] } = answer;
  return {
    description,
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map((name) => [name, headerTexts[name]])),
    }),
    ...(answer.type && { content: { [answer.type]: contentOf(answer) } }),
  };
}

const headerTexts = {
  ETag: {
    description: 'Send it as `If-None-Match`, and an answer that is the same costs a 304.',
    schema: { type: 'string' },
  },
  Link: { description: 'The next page, with `rel="next"`.', schema: { type: 'string' } },
};

/** OpenAPI 3.1 has no word for the events of a stream: they are in an extension, by their names. */
function contentOf(answer: Answer) {
  if (answer.type === 'application/json') return { schema: componentRef(answer.component) };
  if (answer.type !== 'text/event-stream') return { schema: { type: 'string' } };
  const events = Object.entries(answer.events);
  return {
    schema: { type: 'string' },
    'x-events': Object.fromEntries(events.map(([name, body]) => [name, componentRef(body)])),
  };
}
