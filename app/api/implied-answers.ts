import type { Answer, Operation } from './operation.ts';

/** The answers that follow from what an operation takes, and from whom. */
export function impliedAnswers({ who, ...operation }: Operation): Record<string, Answer> {
  const { method, params, query, body, answers } = operation;
  const implied: [number, boolean, Answer][] = [
    [304, hasTag(answers), { says: 'It is what you have, by `If-None-Match`.' }],
    [400, Boolean(query ?? body), error('A parameter or the body is not as described.')],
    [401, who === 'writers', error('It needs a token or a session.')],
    [403, who === 'writers', error('You may only read, or a page of another site asks.')],
    [404, who !== 'everybody' && params !== undefined, error('There is none, or not for you.')],
    [413, method === 'post', error('The body is larger than 64 kB.')],
    [415, body !== undefined, error('The body is not sent as application/json.')],
    [503, true, error('It did not work; try again in a moment.')],
  ];
  return Object.fromEntries(
    implied.flatMap(([status, holds, answer]) => (holds ? [[status, answer]] : [])),
  );
}

const hasTag = (answers: Operation['answers']): boolean =>
  answers[200]?.headers?.includes('ETag') ?? false;

const error = (says: string): Answer => ({ says, type: 'application/json', component: 'Error' });
