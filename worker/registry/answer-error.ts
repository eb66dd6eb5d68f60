import { STATUS_CODES } from 'node:http';
import { createMask } from '../log/mask.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';
import { RegistryError } from './registry-error.ts';
import { retryAfterMs } from './retry-after.ts';

/**
 * The error for an answer that is not the one hoped for, with the registry's own words: the first
 * of its `errors`, or what a token service calls `details` or `error_description`. `secrets` are
 * hidden in them, should a server repeat what it was sent. See
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes.
 */
export function answerError(
  { method, url }: Pick<HttpRequest, 'method' | 'url'>,
  { status, headers, body }: HttpAnswer,
  secrets: string[],
): RegistryError {
  const words = createMask(() => secrets)
    .hide(wordsOf(body))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 300);
  const answered = `${url.host} answers ${method} ${url.pathname} with ${status} ${STATUS_CODES[status] ?? ''}`;
  return new RegistryError(words ? `${answered}: ${words}` : answered.trim(), {
    status,
    retryAfter: retryAfterMs(headers['retry-after'], Date.now()),
  });
}

type ErrorBody = {
  errors?: { code?: unknown; message?: unknown }[];
  details?: unknown;
  error_description?: unknown;
};

function wordsOf(body: Buffer): string {
  try {
    const { errors, details, error_description }: ErrorBody = JSON.parse(body.toString('utf8'));
    const { code, message } = errors?.[0] ?? {};
    const words = message || code || details || error_description;
    return typeof words === 'string' ? words : '';
  } catch {
    // A proxy's page in HTML says nothing that the status does not.
    return '';
  }
}
