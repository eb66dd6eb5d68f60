import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname } from 'node:path';

/**
 * Answers one request of a git client through git's own CGI program
 * (https://git-scm.com/docs/git-http-backend). `whenDone` runs after git has ended and before the
 * answer ends, so that the client waits for it; hooks find `variables` in their environment.
 */
export function serveGit(
  folder: string,
  service: string,
  variables: Record<string, string>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  whenDone: () => Promise<void>,
): Promise<void> {
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...variables, ...cgiVariables(folder, service, incoming) },
  });
  incoming.pipe(child.stdin);
  child.stdin.on('error', () => incoming.unpipe());
  outgoing.on('close', () => child.kill());
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    child.stdout.on('data', (chunk: Buffer) => {
      if (outgoing.headersSent) return void outgoing.write(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      writeHead(outgoing, head.subarray(0, end).toString('latin1'));
      outgoing.write(head.subarray(end + 4));
    });
    child.on('error', reject);
    child.on('close', async () => {
      try {
        if (!outgoing.headersSent) outgoing.writeHead(500);
        await whenDone();
        resolve();
      } catch (error) {
        reject(error);
      } finally {
        outgoing.end();
      }
    });
  });
}

function cgiVariables(folder: string, service: string, incoming: IncomingMessage) {
  const { headers, method = 'GET', url = '' } = incoming;
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    GIT_PROJECT_ROOT: dirname(folder),
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: `/${basename(folder)}/${service}`,
    QUERY_STRING: url.split('?')[1] ?? '',
    REQUEST_METHOD: method,
    CONTENT_TYPE: headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_USER: 'local',
  };
}

function writeHead(outgoing: ServerResponse, head: string): void {
  const headers = head.split('\r\n').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1];
  outgoing.writeHead(
    Number.parseInt(status ?? '200', 10),
    Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== 'status')),
  );
}
