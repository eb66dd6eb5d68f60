import { createHash } from 'node:crypto';
import { createBuild, type NewBuild, type Store } from '../queue/build-store.ts';
import { enqueueBuild, enqueueReport, type Queues } from '../queue/queues.ts';
import { saveRepository } from '../queue/repositories.ts';
import type { Push } from '../queue/trigger.ts';
import { AccessEnded, type Forge } from './forge.ts';
import { imageName, tagsFor } from './image-name.ts';

/** What planning needs. */
export type Planner = {
  store: Store;
  queues: Queues;
  forge: Forge;
  /** Where images go, e.g. `ghcr.io`. */
  registry: string;
  publicUrl: string;
};

/** The rule of a repository without a rules file: its Dockerfile at the root. */
const defaultRule = { name: 'image', dockerfile: 'Dockerfile' };

/**
 * Turns a push into builds and says in one sentence what became of it. The same push planned
 * again makes no second build.
 */
export async function planPush(planner: Planner, push: Push): Promise<string> {
  const { store, queues, forge } = planner;
  const { repository, sha, ref } = push;
  if (!/^refs\/(heads|tags)\/./.test(ref)) return `Nothing to do: ${ref} is no branch and no tag.`;
  await saveRepository(store, repository);
  if (sha === null) return `Nothing to do: ${ref} was deleted.`;
  const marker = skipMarker(push.message);
  if (marker) return `Nothing to do: the commit message says ${marker}.`;
  const lack = await whatIsLacking(forge, push, sha);
  if (lack) return `Nothing to do: ${lack}`;
  const build = newBuild(planner, push, sha);
  const isNew = await createBuild(store, build);
  await enqueueBuild(queues, build.id);
  await enqueueReport(queues, build.id);
  return isNew ? `Planned build ${build.id}.` : `Build ${build.id} was planned already.`;
}

/** Why there is nothing to build at a commit: no Dockerfile, or no leave to look; else null. */
async function whatIsLacking(forge: Forge, { repository }: Push, sha: string) {
  const { dockerfile } = defaultRule;
  try {
    const hasDockerfile = await forge.hasFile(repository, sha, dockerfile);
    return hasDockerfile ? null : `commit ${sha} has no ${dockerfile} at the root.`;
  } catch (error) {
    if (error instanceof AccessEnded) return error.message;
    throw error;
  }
}

/** A build's id follows from what asked for it, so that asking twice makes one build. */
export const buildId = (...cause: string[]): string =>
  `b${createHash('sha256').update(cause.join('\0')).digest('hex').slice(0, 23)}`;

/** The page of a build. */
export const buildUrl = (publicUrl: string, id: string): string => `${publicUrl}/builds/${id}`;

/** The marker in a commit message that asks for no build, if there is one. */
function skipMarker(message: string): string | null {
  return /\[(skip ci|ci skip|no ci|skip slipway)\]/i.exec(message)?.[0] ?? null;
}

function newBuild({ registry, publicUrl }: Planner, push: Push, sha: string): NewBuild {
  const { repository, ref, before, after } = push;
  const id = buildId('push', String(repository.id), ref, before, after, defaultRule.name);
  return {
    id,
    repo: repository.fullName,
    repository,
    sha,
    ref,
    name: defaultRule.name,
    image: imageName(registry, repository),
    tags: tagsFor(push, sha),
    pushedAt: push.pushedAt,
    message: push.message.split('\n', 1)[0]?.slice(0, 200) ?? '',
    author: push.author.slice(0, 100),
    url: buildUrl(publicUrl, id),
    retryOf: null,
  };
}
