import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { jsonLines } from './json-lines.ts';

/** One event of a build; see https://docs.docker.com/reference/api/engine/version/v1.41/. */
export type EngineEvent = {
  id?: string;
  aux?: string | { ID: string };
  stream?: string;
  status?: string;
  error?: string;
  errorDetail?: { message: string };
};

/** What the Engine is asked, and what is sent along: a tar, or nothing. */
export type BuildPost = {
  query: Record<string, string>;
  headers?: Record<string, string>;
  body?: Readable;
  cut: AbortSignal;
};

/**
 * Asks the Engine for a build. Neither dockerode's buildImage (its session hands registry
 * passwords to any host a Dockerfile names) nor a socket timeout (a build may be silent for long)
 * is used.
 */
export function postBuild(
  docker: Docker,
  { query, headers, body, cut }: BuildPost,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: '/build?',
        method: 'POST',
        options: { _query: query, ...(body ? {} : { _body: {} }) },
        ...(headers && { headers }),
        ...(body && { file: body }),
        isStream: true,
        abortSignal: cut,
        statusCodes: { 200: true, 400: 'bad parameter', 500: 'server error' },
      } as Parameters<typeof docker.modem.dial>[0],
      (error, response) => (error ? reject(error) : resolve(response as IncomingMessage)),
    );
  });
}

/** The events of a build as they come, to their end. */
export async function* eventsOf(response: IncomingMessage): AsyncGenerator<EngineEvent> {
  // Finds out that a remote Engine's machine is gone, which a silent build would not.
  response.socket.setKeepAlive?.(true, 30_000);
  for await (const event of jsonLines(response)) yield event as EngineEvent;
}
