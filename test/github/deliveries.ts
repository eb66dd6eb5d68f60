import { createHmac, randomUUID } from 'node:crypto';
import { type Agent, type IncomingMessage, request } from 'node:http';
import type { Delivery } from './records.ts';
import type { World } from './world.ts';
import { newId } from './world.ts';

/** How a webhook is delivered. */
export type DeliverOptions = {
  guid?: string;
  /** Signs with another secret than the App's. */
  secret?: string;
  /** The value of `X-Hub-Signature-256`; null leaves the header out. */
  signature?: string | null;
  /** How often the same delivery (same GUID) is sent, all at once; 1 unless told. */
  times?: number;
  /** false skips the check against GitHub's webhook schemas, for bursts. */
  check?: boolean;
};

type Attempt = {
  status: string;
  statusCode: number;
  headers: Record<string, string>;
  body: string;
};

const send = (
  target: string,
  agent: Agent,
  timeout: number,
  headers: Record<string, string>,
  body: Buffer,
): Promise<Attempt> =>
  new Promise((resolve) => {
    const failed = (status: string): void =>
      resolve({ status, statusCode: 0, headers: {}, body: '' });
    const read = async (response: IncomingMessage): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const code = response.statusCode ?? 0;
      const good = code >= 200 && code < 300;
      const status = good ? 'OK' : `Invalid HTTP Response: ${code}`;
      const answered = Object.entries(response.headers).map(([name, value]) => [
        name,
        String(value),
      ]);
      const text = Buffer.concat(chunks).toString('utf8');
      resolve({ status, statusCode: code, headers: Object.fromEntries(answered), body: text });
    };
    const outgoing = request(target, { method: 'POST', agent, headers, timeout }, (response) => {
      read(response).catch(() => failed('failed to connect to host'));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
    outgoing.on('error', ({ message }) =>
      failed(message === 'timed out' ? message : 'failed to connect to host'),
    );
    outgoing.end(body);
  });

const idOf = (value: unknown): number | null => {
  const id = (value as { id?: unknown } | undefined)?.id;
  return typeof id === 'number' ? id : null;
};

type Letter = {
  event: string;
  guid: string;
  payload: Record<string, unknown>;
  redelivery: boolean;
};

const attempt = async (
  world: World,
  letter: Letter,
  { secret = world.webhookSecret, signature }: DeliverOptions = {},
): Promise<Delivery> => {
  const { event, guid, payload, redelivery } = letter;
  const body = Buffer.from(JSON.stringify(payload));
  const sign = (hash: string): string =>
    `${hash}=${createHmac(hash, secret).update(body).digest('hex')}`;
  const signed = signature === undefined ? sign('sha256') : signature;
  const requestHeaders: Record<string, string> = {
    accept: '*/*',
    'content-type': 'application/json',
    'content-length': String(body.length),
    'user-agent': 'GitHub-Hookshot/0000000',
    'x-github-delivery': guid,
    'x-github-event': event,
    'x-github-hook-id': '1',
    'x-github-hook-installation-target-id': String(world.appId),
    'x-github-hook-installation-target-type': 'integration',
    ...(signed === null ? {} : { 'x-hub-signature-256': signed }),
  };
  const deliveredAt = Date.now();
  const id = newId(world);
  const { webhookUrl, deliveryAgent, deliveryTimeout } = world;
  const answer = webhookUrl
    ? await send(webhookUrl, deliveryAgent, deliveryTimeout, requestHeaders, body)
    : { status: 'failed to connect to host', statusCode: 0, headers: {}, body: '' };
  const delivery: Delivery = {
    id,
    guid,
    deliveredAt,
    redelivery,
    duration: (Date.now() - deliveredAt) / 1000,
    status: answer.status,
    statusCode: answer.statusCode,
    event,
    action: typeof payload.action === 'string' ? payload.action : null,
    installationId: idOf(payload.installation),
    repositoryId: idOf(payload.repository),
    requestHeaders,
    payload,
    responseHeaders: answer.headers,
    responseBody: answer.body,
  };
  world.deliveries.push(delivery);
  return delivery;
};

/**
 * Sends a webhook as GitHub does and records what came of it; never rejects because the App is
 * down. Answers the last of the attempts. Throws while no webhook URL is set.
 */
export const deliver = async (
  world: World,
  event: string,
  payload: Record<string, unknown>,
  options: DeliverOptions = {},
): Promise<Delivery> => {
  if (!world.webhookUrl) throw new Error('set webhookUrl before anything is delivered');
  const guid = options.guid ?? randomUUID();
  const letter = { event, guid, payload, redelivery: false };
  const times = Math.max(1, options.times ?? 1);
  const sent = await Promise.all(
    Array.from({ length: times }, () => attempt(world, letter, options)),
  );
  return sent.at(-1) as Delivery;
};

/** Sends a recorded delivery again, with the same GUID and payload; throws for an unknown id. */
export const redeliver = async (world: World, id: number): Promise<Delivery> => {
  const past = world.deliveries.find((delivery) => delivery.id === id);
  if (!past) throw new Error(`no delivery ${id}`);
  const { event, guid, payload } = past;
  return attempt(world, { event, guid, payload, redelivery: true });
};
