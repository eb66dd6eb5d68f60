import { resolve } from 'node:path';
import { notLooked } from '../queue/finding.ts';
import type { ForgeParts, PartsDeps } from './forge-parts.ts';
import { localForge } from './local/local-forge.ts';
import { localInstalled } from './local/local-installed.ts';
import { localRemote } from './local/local-remote.ts';
import { setUp } from './set-up/set-up.ts';

/** A git remote of our own as the forge, and a page that registers a GitHub App to have instead. */
export function onThisMachine({ config, store, queues, publicUrl, log }: PartsDeps): ForgeParts {
  const remote = {
    folder: resolve(config.DATA_DIR, 'git'),
    // As people are told it, since submodules name it too.
    url: `http://localhost:${config.PORT}/git`,
  };
  return {
    forge: localForge(remote),
    mount: (app) => {
      localRemote(remote, store, queues, log)(app);
      setUp({ store, github: config, publicUrl, dataDir: config.DATA_DIR, log })(app);
    },
    recovery: { installed: localInstalled(remote), catchUp: null },
    lookAtGitHub: async () => [
      notLooked('GitHub App', 'None yet: pushes come by the local remote.'),
    ],
  };
}
