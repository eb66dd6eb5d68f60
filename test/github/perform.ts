import { randomUUID } from 'node:crypto';
import { canSee, demand, findRepository, movedTo } from './access.ts';
import { identify } from './caller.ts';
import type { Description } from './description.ts';
import { notFound, Refusal } from './refusal.ts';
import { type Answer, type Call, demandKind, type Route } from './route.ts';
import type { World } from './world.ts';

/** A request as the server hands it over: text that nothing has looked at yet. */
export type Received = {
  params: Record<string, string>;
  query: Record<string, string>;
  body: string;
  accept: string;
  authorization: string | undefined;
  method: string;
  /** Without `/api/v3`. */
  path: string;
  search: string;
};

const handle = async (route: Route, call: Call, received: Received): Promise<Answer> => {
  if (typeof route.needs === 'string') {
    if (route.needs !== 'nothing') demandKind(call.caller, route.needs);
    return (route.handle as (call: Call) => Answer | Promise<Answer>)(call);
  }
  const { world, params, caller } = call;
  const found = findRepository(world, params.owner ?? '', params.repo ?? '');
  if (!found) {
    if (caller.kind === 'invalid') throw new Refusal(401, caller.message);
    throw notFound();
  }
  if (found.moved) {
    if (!canSee(caller, found.repository)) throw notFound();
    const rest = received.path
      .split('/')
      .slice(4)
      .map((part) => `/${part}`)
      .join('');
    const status = received.method === 'GET' ? 301 : 307;
    throw movedTo(world, found.repository, rest + received.search, status);
  }
  demand(caller, found.repository, ...route.needs);
  return (route.handle as Extract<Route, { needs: readonly string[] }>['handle'])(
    call,
    found.repository,
  );
};

const refusalAnswer = (error: unknown): Answer => {
  if (!(error instanceof Refusal)) throw error;
  return { status: error.status, body: error.body, headers: error.headers };
};

const toResponse = (answer: Answer): Response => {
  const type = answer.raw?.type ?? `${answer.mediaType ?? 'application/json'}; charset=utf-8`;
  const headers = {
    'content-type': type,
    'x-github-request-id': randomUUID(),
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '4999',
    'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3600),
    ...answer.headers,
  };
  const json = answer.status === 204 ? null : JSON.stringify(answer.body ?? {});
  const body = answer.raw ? new Uint8Array(answer.raw.bytes) : json;
  return new Response(body, { status: answer.status, headers });
};

/**
 * Performs one operation between two checks against GitHub's description. A request that does not
 * keep to it is noted and answered 422, an answer that does not is noted and becomes a 500.
 */
export const perform = async (
  world: World,
  description: Description,
  route: Route,
  received: Received,
): Promise<Response> => {
  const { operation } = route;
  const note = (wrong: readonly string[], what: string): void => {
    world.violations.push(...wrong.map((sentence) => `${operation}, ${what}: ${sentence}`));
  };
  let body: unknown;
  try {
    body = received.body === '' ? undefined : JSON.parse(received.body);
  } catch {
    note(['the body is not JSON'], 'request');
    return toResponse({ status: 400, body: { message: 'Problems parsing JSON' } });
  }
  const { params, query, accept } = received;
  const wrong = description.request(operation, { params, query, body });
  if (wrong.length > 0) {
    note(wrong, 'request');
    const refusal = new Refusal(422, `Validation Failed: ${wrong.join('; ')}`);
    return toResponse(refusalAnswer(refusal));
  }
  const caller = identify(world, received.authorization);
  const call: Call = {
    world,
    params,
    query,
    body: (body ?? {}) as Record<string, unknown>,
    accept,
    caller,
  };
  const answer = await handle(route, call, received).catch(refusalAnswer);
  if (!answer.raw) {
    const type = answer.mediaType ?? 'application/json';
    const bad = description.answer(operation, answer.status, type, answer.body);
    if (bad.length > 0) {
      note(bad, `answer ${answer.status}`);
      return toResponse({ status: 500, body: { message: bad.join('; ') } });
    }
  }
  return toResponse(answer);
};
