import { type Logger, pino, stdSerializers } from 'pino';

/**
 * A process's log. Of an error it leaves out the command that ioredis adds, which holds whatever was to
 * be written, and the event that Octokit adds, which holds the whole webhook.
 */
export const createLog = (process: 'web' | 'worker', level: string): Logger =>
  pino({ level, base: { process }, serializers: { err: withoutPayload } });

function withoutPayload(error: Error): object {
  return stripped(stdSerializers.err(error));
}

function stripped(error: object): object {
  const { command: _command, event: _event, ...rest } = error as Record<string, unknown>;
  const { aggregateErrors } = rest;
  if (!Array.isArray(aggregateErrors)) return rest;
  return { ...rest, aggregateErrors: aggregateErrors.map(stripped) };
}
