import { z } from 'zod';
import { buildSchema } from './build-schema.ts';

const cursor = z
  .string()
  .nullable()
  .meta({ description: 'Send it back for what is older; null on the last page.' });

/** One page of builds. */
export const buildListSchema = z.object({ builds: z.array(buildSchema), cursor });

/** What a repository's ref was built into by hand: the first build, and all of them. */
export const builtByHandSchema = buildSchema.extend({ builds: z.array(buildSchema) });

/** A tag in the registry, and what it shows now. */
export const imageSchema = z.object({
  image: z.string().meta({ description: 'Registry and repository, without the tag.' }),
  tag: z.string(),
  digest: z.string().meta({ description: 'The manifest’s digest in the registry.' }),
  size: z.int().nullable().meta({ description: 'The image’s unpacked size in bytes.' }),
  sha: z.string().meta({ description: 'The commit it was built from.' }),
  builtAt: z.iso.datetime(),
  buildId: z.string(),
  buildUrl: z.string().meta({ description: 'The page of the build.' }),
});

/** One page of a repository's tags. */
export const imageListSchema = z.object({ images: z.array(imageSchema), cursor });

/** What is known of a repository. */
export const repositorySchema = z.object({
  id: z.int().meta({ description: 'GitHub’s id of the repository.' }),
  name: z.string().meta({ description: '`owner/name`.', example: 'acme/web' }),
  url: z.string().meta({ description: 'Its page here.' }),
  htmlUrl: z.string().meta({ description: 'Its page on GitHub.' }),
  description: z.string().nullable(),
  private: z.boolean(),
  defaultBranch: z.string(),
  lastBuild: buildSchema
    .nullable()
    .meta({ description: 'The newest build of the default branch, if there is one on record.' }),
});

/** A sentence about what was done. */
export const messageSchema = z.object({ message: z.string() });

/** Every answer other than the one hoped for. */
export const errorSchema = z.object({
  error: z.object({
    code: z.string().meta({ description: 'A word for programs.', example: 'not_found' }),
    message: z.string().meta({ description: 'A sentence for people.' }),
  }),
});
