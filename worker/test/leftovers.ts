import type Docker from 'dockerode';
import { getBuild, type Store } from '../../queue/build-store.ts';
import { removeImage } from '../engine/push-image.ts';

/**
 * Removes containers, networks, volumes and images of tests whose worker was lost: those of builds
 * that have ended or that another attempt runs by now. What is of no build we know is somebody
 * else's.
 */
export async function removeLeftovers(docker: Docker, store: Store): Promise<void> {
  const filters = { label: ['slipway.build'] };
  for (const { Id, Labels } of await docker.listContainers({ all: true, filters }))
    if (await isOver(store, Labels))
      await gone(docker.getContainer(Id).remove({ force: true, v: true }));
  for (const { Id, Labels } of await docker.listNetworks({ filters }))
    if (await isOver(store, Labels)) await gone(docker.getNetwork(Id).remove());
  const { Volumes } = await docker.listVolumes({ filters });
  for (const { Name, Labels } of Volumes ?? [])
    if (await isOver(store, Labels)) await gone(docker.getVolume(Name).remove());
  for (const { Id, RepoTags, Labels } of await docker.listImages({ filters }))
    if (await isOver(store, Labels))
      for (const name of namesOf(RepoTags) ?? [Id]) await removeImage(docker, name);
}

/** An image that lost its last name has none, or one that says so. */
function namesOf(tags: string[] | null | undefined): string[] | null {
  const names = (tags ?? []).filter((tag) => tag !== '<none>:<none>');
  return names.length > 0 ? names : null;
}

/**
 * How long after a build's end what has no fence is left alone, in milliseconds: it is no test's, but
 * a stage whose layers its worker shares by then.
 */
const sharing = 10 * 60_000;

async function isOver(store: Store, labels: Record<string, string> | undefined): Promise<boolean> {
  const build = await getBuild(store, labels?.['slipway.build'] ?? '');
  if (!build) return false;
  const fence = labels?.['slipway.fence'];
  if (fence === undefined) return Date.parse(build.finishedAt ?? '') < Date.now() - sharing;
  return build.state !== 'running' || String(build.fence) !== fence;
}

/** Another worker of the same Engine may be at it too: gone already, or just going. */
async function gone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode !== 404 && statusCode !== 409) throw error;
  }
}
