import { randomUUID } from 'node:crypto';
import type { NewBuild } from '../../queue/build-store.ts';

/** A build of its own id, ready to be created. */
export const newBuild = (): NewBuild => ({
  id: `b${randomUUID()}`,
  repo: 'acme/web',
  repository: {
    ...{ id: 7, fullName: 'acme/web', private: false, defaultBranch: 'main', htmlUrl: '' },
    ...{ description: null, license: null, installationId: 1 },
  },
  ...{ sha: 'a'.repeat(40), ref: 'refs/heads/main', name: 'image', image: 'localhost/acme/web' },
  recipe: {
    ...{ context: '.', dockerfile: 'Dockerfile', target: null, args: {}, secrets: [] },
    ...{ ssh: [], platforms: [], test: null, timeout: null, reuse: true, cache: true },
  },
  ...{ labels: {}, publish: true, pullRequest: null },
  ...{ tags: ['main'], pushedAt: 1, message: 'm', author: 'a', url: '', retryOf: null },
  ...{ forced: false, follows: null },
});
