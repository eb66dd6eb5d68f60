import type { z } from 'zod';
import type { Repository } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import type { repositorySchema } from '../api/answer-schemas.ts';
import { buildJson } from './build-json.ts';

/** What the API shows of a repository. */
export function repositoryJson(
  repository: Repository,
  lastBuild: StoredBuild | undefined,
  publicUrl: string,
): z.infer<typeof repositorySchema> {
  const {
    id,
    fullName: name,
    htmlUrl,
    description,
    private: isPrivate,
    defaultBranch,
  } = repository;
  return {
    ...{ id, name, url: `${publicUrl}/${name}`, htmlUrl, description },
    ...{ private: isPrivate, defaultBranch },
    lastBuild: lastBuild ? buildJson(lastBuild) : null,
  };
}
