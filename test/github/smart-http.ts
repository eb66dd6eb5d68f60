import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { canSee, demand, findRepository } from './access.ts';
import { identify } from './caller.ts';
import { gitEnvironment } from './git.ts';
import { answerBatch, answerLargeFile, isLargeFilePath } from './lfs.ts';
import { Refusal } from './refusal.ts';
import type { RepositoryState, World } from './world.ts';
import { fullName } from './world.ts';

const pattern =
  /^\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack|info\/lfs\/objects\/batch)$/;

/** Whether a path is a git client's, below `/{owner}/{repo}.git`. */
export const isGitPath = (path: string): boolean => pattern.test(path) || isLargeFilePath(path);

const backend = (
  world: World,
  repository: RepositoryState,
  service: string,
  url: URL,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void => {
  const { 'content-encoding': encoding, 'git-protocol': protocol } = incoming.headers;
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...gitEnvironment(),
      GIT_PROJECT_ROOT: world.folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${basename(repository.folder)}/${service}`,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: incoming.method ?? 'GET',
      CONTENT_TYPE: incoming.headers['content-type'] ?? '',
      REMOTE_ADDR: '127.0.0.1',
      ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
      ...(encoding ? { HTTP_CONTENT_ENCODING: encoding } : {}),
    },
  });
  const fail = (): void => {
    if (!outgoing.headersSent) outgoing.writeHead(500).end();
  };
  child.on('error', fail);
  child.stdin.on('error', () => undefined);
  incoming.pipe(child.stdin);
  outgoing.on('close', () => child.kill());
  let head = Buffer.alloc(0);
  const onHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    child.stdout.off('data', onHead);
    child.stdout.off('end', fail);
    const lines = head.subarray(0, end).toString('latin1').split('\r\n');
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    const status = headers.find(([name]) => name === 'status')?.[1];
    outgoing.writeHead(
      Number(status?.split(' ')[0] ?? 200),
      Object.fromEntries(headers.filter(([name]) => name !== 'status')),
    );
    outgoing.write(head.subarray(end + 4));
    child.stdout.pipe(outgoing);
  };
  child.stdout.on('data', onHead);
  child.stdout.on('end', fail);
};

const batch = 'info/lfs/objects/batch';

/** The repository that a client may fetch from; throws the refusal that GitHub would answer. */
const admitted = (
  world: World,
  authorization: string | undefined,
  [owner, name, service]: [string, string, string],
  url: URL,
): RepositoryState => {
  const caller = identify(world, authorization);
  const found = findRepository(world, owner, name);
  if (!found || !canSee(caller, found.repository)) {
    if (caller.kind === 'none') throw new Refusal(401, 'Authentication required');
    throw new Refusal(404, 'Repository not found.');
  }
  const upload =
    ['git-upload-pack', batch].includes(service) ||
    url.searchParams.get('service') === 'git-upload-pack';
  if (!upload) throw new Refusal(403, 'This imitation takes no pushes over HTTP.');
  demand(caller, found.repository, 'contents', 'read');
  if (found.moved && service === 'info/refs') {
    const location = `${world.origin}/${fullName(found.repository)}.git/${service}${url.search}`;
    throw new Refusal(301, 'Moved Permanently', { headers: { location } });
  }
  return found.repository;
};

/** Answers one request of a git client, through `git http-backend`, and notes it. */
export const serveGit = (
  world: World,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void => {
  const url = new URL(incoming.url ?? '/', world.origin);
  const [, owner = '', name = '', service = ''] = pattern.exec(url.pathname) ?? [];
  const { authorization } = incoming.headers;
  const note = { path: url.pathname + url.search, authorization: authorization !== undefined };
  outgoing.on('finish', () => {
    world.gitRequests.push({ ...note, repo: `${owner}/${name}`, status: outgoing.statusCode });
  });
  if (isLargeFilePath(url.pathname)) {
    answerLargeFile(world, authorization, url.pathname, outgoing);
    return;
  }
  try {
    const repository = admitted(world, authorization, [owner, name, service], url);
    if (service === batch) void answerBatch(world, repository, incoming, outgoing);
    else backend(world, repository, service, url, incoming, outgoing);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const challenge = error.status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {};
    incoming.resume();
    outgoing
      .writeHead(error.status, { 'content-type': 'text/plain', ...error.headers, ...challenge })
      .end(error.message);
  }
};
