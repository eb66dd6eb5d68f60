import type { Build } from '../../queue/build.ts';
import { buildJson } from '../routes/build-json.ts';

/** Slipway's own body; docs/notifications.md says what is in it. */
export function slipwayBody(build: Build, id: string, publicUrl: string): object {
  const { repository, state, digest, image, tags, sha, ref, message, author, url } = build;
  return {
    id,
    event: `build.${state}`,
    at: build.finishedAt,
    repository: {
      ...{ id: repository.id, fullName: repository.fullName, private: repository.private },
      ...{ defaultBranch: repository.defaultBranch, url: repository.htmlUrl },
    },
    ...{ image, digest, tags },
    commit: { sha, ref, message, author },
    url,
    logUrl: `${publicUrl}/api/builds/${build.id}/log`,
    build: buildJson(build),
  };
}
