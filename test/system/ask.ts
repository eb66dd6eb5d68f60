import { type IncomingHttpHeaders, request } from 'node:http';

/** An answer as it came, its body as text. */
export type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

/** What is asked; the path goes over the wire as it is, dots and all. */
export type Question = {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | undefined;
};

/**
 * Asks a server of this machine. Of a log, which may go on, what came within `patience`
 * milliseconds is taken.
 */
export function ask(
  url: string,
  { method, path, headers = {}, body }: Question,
  patience = 2_000,
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  // Node.js says the length of a body by itself for some methods only.
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const all = { ...headers, ...length };
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers: all }, (answer) => {
      let text = '';
      const end = () => {
        clearTimeout(timer);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        asked.destroy();
      };
      const mayGoOn = /^text\/(event-stream|plain)/.test(answer.headers['content-type'] ?? '');
      const timer = mayGoOn ? setTimeout(end, patience) : undefined;
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', end);
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
