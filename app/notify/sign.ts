import { createHmac } from 'node:crypto';

/**
 * The headers of Standard Webhooks (https://www.standardwebhooks.com): the id is the same over all
 * tries, the time that of the try, in seconds. Without a key nothing is signed.
 */
export function signedHeaders(
  key: Buffer | null,
  id: string,
  at: Date,
  body: string,
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (!key) return headers;
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}

/**
 * The key for the targets of a repository's rules file, made from the operator's: who may write to
 * one repository can be given it and learns nothing of the others'.
 */
export const repositoryKey = (secret: Buffer, repositoryId: number): Buffer =>
  createHmac('sha256', secret).update(`repository:${repositoryId}`).digest();

/** A key as people write it, and as libraries for Standard Webhooks take it. */
export const keyText = (key: Buffer): string => `whsec_${key.toString('base64')}`;
