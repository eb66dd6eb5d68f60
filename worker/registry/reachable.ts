import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { connectionTrouble } from './connection-trouble.ts';
import { registryAddress, registryHost } from './registry-host.ts';

/**
 * Whether a registry answers: null if it does, else a sentence that says what happened. Any HTTP
 * answer below 500 counts, also a 401. Plain HTTP only on this machine, as the Engine does it. See
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#determining-support.
 */
export async function registryProblem(registry: string, timeoutMs: number): Promise<string | null> {
  const host = registryHost(registry);
  const address = `${registryAddress(host)}/v2/`;
  try {
    const { statusCode = 0, statusMessage } = await answerOf(address, timeoutMs);
    if (statusCode < 500) return null;
    return `The registry ${host} answers ${address} with ${statusCode} ${statusMessage}`;
  } catch (error) {
    return `The registry ${host} does not answer: ${what(error, timeoutMs)}`;
  }
}

/** Not fetch: that refuses ports a registry may well listen on, such as 6000. */
function answerOf(address: string, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { get } = address.startsWith('https:') ? https : http;
    get(address, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.destroy();
      resolve(response);
    }).on('error', reject);
  });
}

function what(error: unknown, timeoutMs: number): string {
  const isLate = (error as Error).name === 'AbortError';
  return isLate ? `no word from it within ${timeoutMs / 1000} s` : connectionTrouble(error);
}
