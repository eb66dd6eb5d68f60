import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Probot } from 'probot';
import rawBody from 'raw-body';
import type { WebhookCounter } from '../metrics.ts';

/** GitHub sends no larger payload (https://docs.github.com/en/webhooks/webhook-events-and-payloads). */
const maxBody = 25 * 2 ** 20;

/** GitHub waits 10 seconds for an answer. */
const patience = 8_000;

/**
 * The route for GitHub's webhooks. Probot's own middleware would buffer a body of any size before
 * it looks at the signature and answer 202 for what never reached Redis, so the body is read here
 * and handed to Probot only when it is whole. 202 means recorded; 503 asks GitHub to show the
 * delivery as failed, so that it can be sent again.
 */
export function receiveWebhook(probot: Probot, count: WebhookCounter) {
  return async (c: Context<{ Bindings: HttpBindings }>): Promise<Response> => {
    const answer = await receive(probot, c);
    count(answer.result);
    return c.json({ message: answer.message }, answer.status);
  };
}

type Answer = {
  status: 202 | 400 | 401 | 413 | 415 | 503;
  result: 'accepted' | 'refused' | 'unavailable';
  message: string;
};

async function receive(probot: Probot, c: Context<{ Bindings: HttpBindings }>): Promise<Answer> {
  const id = c.req.header('x-github-delivery');
  const name = c.req.header('x-github-event');
  const signature = c.req.header('x-hub-signature-256');
  if (!id || !/^[\w-]{1,64}$/.test(id)) {
    return refuse(400, 'The header X-GitHub-Delivery is missing or not a GUID.');
  }
  if (!name) return refuse(400, 'The header X-GitHub-Event is missing.');
  if (!signature) return refuse(401, 'The header X-Hub-Signature-256 is missing.');
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    return refuse(415, 'The payload must be sent as application/json.');
  }
  const body = await read(c);
  if (typeof body !== 'string') return body;
  if (!(await probot.webhooks.verify(body, signature).catch(() => false))) {
    return refuse(401, 'The signature does not match the payload; is WEBHOOK_SECRET the App’s?');
  }
  return deliver(probot, id, name, body);
}

async function read(c: Context<{ Bindings: HttpBindings }>): Promise<string | Answer> {
  const { incoming } = c.env;
  try {
    const length = incoming.headers['content-length'] ?? null;
    return await rawBody(incoming, { length, limit: maxBody, encoding: 'utf-8' });
  } catch (error) {
    const { type } = error as rawBody.RawBodyError;
    return type === 'entity.too.large'
      ? refuse(413, 'The payload is larger than 25 MB, which GitHub never sends.')
      : refuse(400, 'The payload did not arrive whole.');
  }
}

async function deliver(probot: Probot, id: string, name: string, body: string): Promise<Answer> {
  const payload = parsed(body);
  if (payload === undefined) return refuse(400, malformed);
  try {
    const event = { id, name, payload } as Parameters<Probot['webhooks']['receive']>[0];
    await Promise.race([probot.webhooks.receive(event), tooLate()]);
    return { status: 202, result: 'accepted', message: 'Recorded.' };
  } catch (error) {
    if (isMalformed(error)) {
      return refuse(400, malformed);
    }
    probot.log.warn({ delivery: id, reason: reasonOf(error) }, 'A delivery was not recorded');
    return {
      status: 503,
      result: 'unavailable',
      message: 'The delivery could not be recorded; send it again.',
    };
  }
}

const malformed = 'The payload is not JSON of the form GitHub documents for this event.';

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const refuse = (status: Answer['status'], message: string): Answer => ({
  status,
  result: 'refused',
  message,
});

/** Octokit wraps what a handler threw in an AggregateError that also carries the whole payload. */
const causesOf = (error: unknown): Error[] =>
  error instanceof AggregateError ? (error.errors as Error[]) : [error as Error];

const isMalformed = (error: unknown): boolean =>
  causesOf(error).some(({ name }) => name === 'ZodError');

const reasonOf = (error: unknown): string =>
  causesOf(error)
    .map(({ message }) => message)
    .join('; ');

function tooLate(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error('Redis did not answer in time')), patience).unref();
  });
}
