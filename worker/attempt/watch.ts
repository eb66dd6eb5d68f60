import { getBuild, type Store, type StoredBuild } from '../../queue/build-store.ts';
import { Stop } from './stop.ts';

/** How often a running build's record is looked at, in milliseconds. */
const interval = 400;

/**
 * Aborts an attempt when somebody cancelled the build, when it is no longer this attempt's, or
 * when its time is up. Returns a function that ends the watch.
 */
export function watch(
  store: Store,
  build: StoredBuild,
  longest: number,
  stop: (reason: Stop) => void,
): () => void {
  const asked = build.recipe.timeout ?? longest;
  const timeout = Math.min(asked, longest);
  const whose = asked < longest ? 'timeout in the rules file' : 'BUILD_TIMEOUT';
  const overdue = setTimeout(() => {
    const minutes = Number((timeout / 60_000).toFixed(2));
    stop(new Stop('timeout', `The build took longer than ${minutes} minutes (${whose}).`));
  }, timeout);
  const look = setInterval(async () => {
    const now = await getBuild(store, build.id).catch(() => undefined);
    // Redis being away says nothing about the build.
    if (now === undefined) return;
    if (now === null || now.state !== 'running' || now.fence !== build.fence) {
      stop(new Stop('lost', 'Another worker has taken over.'));
    } else if (now.cancel) {
      stop(new Stop('cancelled', now.cancel));
    }
  }, interval);
  return () => {
    clearTimeout(overdue);
    clearInterval(look);
  };
}
