import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { RepositoryState, World } from './world.ts';
import { fullName } from './world.ts';

/** What a batch request asks for (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md). */
type Batch = { operation: string; objects: { oid: string; size: number }[] };

const objectPath = /^\/([\w.-]+)\/([\w.-]+?)\.git\/info\/lfs\/objects\/([0-9a-f]{64})$/;

/** Whether a path is of an object that a batch's answer gave a link to. */
export const isLargeFilePath = (path: string): boolean => objectPath.test(path);

/** Keeps a large file beside a repository and answers the pointer for its place in a commit. */
export const storeLargeFile = (repository: RepositoryState, content: Buffer): string => {
  const oid = createHash('sha256').update(content).digest('hex');
  repository.largeFiles.set(oid, content);
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;
};

/** Answers `objects/batch` for a caller who was admitted: links that need a key of their own. */
export const answerBatch = async (
  world: World,
  repository: RepositoryState,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> => {
  const { operation, objects } = (await json(incoming)) as Batch;
  const base = `${world.origin}/${fullName(repository)}.git/info/lfs/objects`;
  const answers = objects.map(({ oid, size }) => {
    if (operation !== 'download' || !repository.largeFiles.has(oid)) {
      return { oid, size, error: { code: 404, message: 'Object does not exist on the server' } };
    }
    const key = `RemoteAuth ${randomBytes(16).toString('hex')}`;
    world.largeFileKeys.set(key, oid);
    const download = { href: `${base}/${oid}`, header: { Authorization: key }, expires_in: 3600 };
    return { oid, size, authenticated: true, actions: { download } };
  });
  outgoing.writeHead(200, { 'content-type': 'application/vnd.git-lfs+json' });
  outgoing.end(JSON.stringify({ transfer: 'basic', objects: answers, hash_algo: 'sha256' }));
};

/** Sends an object to whoever has the key that the batch's answer held. */
export const answerLargeFile = (
  world: World,
  authorization: string | undefined,
  path: string,
  outgoing: ServerResponse,
): void => {
  const [, , , oid = ''] = objectPath.exec(path) ?? [];
  const holder = world.repositories.find(({ largeFiles }) => largeFiles.has(oid));
  const isMeant = world.largeFileKeys.get(authorization ?? '') === oid;
  if (!isMeant || !holder) outgoing.writeHead(403).end();
  else outgoing.writeHead(200).end(holder.largeFiles.get(oid));
};
