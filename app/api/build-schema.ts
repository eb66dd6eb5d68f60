import { z } from 'zod';
import { causes, states, stepNames } from '../../queue/build.ts';

const time = z.iso.datetime();

const stepSchema = z.object({
  name: z.enum(stepNames),
  startedAt: time,
  finishedAt: time.nullable(),
  cached: z.int().min(0).optional().meta({ description: 'How many parts came from a cache.' }),
  total: z.int().min(0).optional().meta({ description: 'How many parts there were.' }),
});

const mistakeSchema = z.object({
  line: z.int().min(1),
  column: z.int().min(1),
  key: z.string(),
  message: z.string(),
});

const failureSchema = z.object({
  step: z
    .enum([...stepNames, 'plan'])
    .meta({ description: '`plan` is before any step: the rules file, a tag or a name is wrong.' }),
  path: z.string().nullable().meta({ description: 'The Dockerfile’s path in the repository.' }),
  line: z.int().nullable().meta({ description: 'The first line of the instruction that failed.' }),
  endLine: z.int().nullable().meta({ description: 'Its last line.' }),
  lastLines: z.array(z.string()).meta({ description: 'The last lines of its output.' }),
  mistakes: z
    .array(mistakeSchema)
    .optional()
    .meta({ description: 'Everything that is wrong with the rules file.' }),
});

/** The record of a build as the API shows it. */
export const buildSchema = z
  .object({
    id: z.string(),
    url: z.string().meta({ description: 'The page of the build.' }),
    repo: z.string().meta({ description: '`owner/name`.', example: 'acme/web' }),
    sha: z.string().meta({ description: 'The commit, 40 hexadecimal digits.' }),
    ref: z.string().meta({
      description:
        'The branch or git tag in full, `refs/pull/<number>/head`, or empty for a commit built by hand.',
      example: 'refs/heads/main',
    }),
    message: z.string().meta({ description: 'The first line of the commit’s message.' }),
    author: z.string().meta({ description: 'The name of the commit’s author.' }),
    name: z.string().meta({
      description: 'The rule’s name; empty for a rules file that cannot be read.',
    }),
    image: z.string().meta({ description: 'Where the image goes, without a tag.' }),
    publish: z.boolean().meta({ description: 'Whether the image is pushed.' }),
    wantedTags: z.array(z.string()).meta({ description: 'The tags that the rule asks for.' }),
    tags: z.array(z.string()).meta({
      description: 'Those of them that show this build; before the end, the wanted ones.',
    }),
    pullRequest: z.object({ number: z.int(), isFork: z.boolean() }).nullable(),
    state: z.enum(states).meta({
      description: '`failed` is the repository’s fault, `errored` Slipway’s or what it runs on.',
    }),
    reason: z.string().nullable().meta({ description: 'One sentence about the state.' }),
    failure: failureSchema.nullable().meta({ description: 'Where and how it failed.' }),
    step: z.enum(stepNames).nullable().meta({ description: 'The step that runs.' }),
    steps: z.array(stepSchema),
    digest: z.string().nullable().meta({ description: 'The manifest’s digest in the registry.' }),
    size: z.int().nullable().meta({ description: 'The image’s unpacked size in bytes.' }),
    attempt: z.int().meta({ description: 'How often a worker has begun it.' }),
    worker: z.string().nullable().meta({ description: 'The last worker that did.' }),
    createdAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    checkRunId: z.int().nullable().meta({ description: 'The check run on GitHub.' }),
    retryOf: z.string().nullable().meta({ description: 'The build that this one repeats.' }),
    cause: z
      .object({ kind: z.enum(causes), by: z.string().nullable() })
      .nullable()
      .meta({
        description:
          'What had it made, and the login of whoever asked for it where that is known; null for a build of an older Slipway.',
      }),
    reuses: z
      .string()
      .nullable()
      .meta({ description: 'The build whose image stands for this one’s.' }),
    logRemovedAt: time.nullable().meta({ description: 'When its log was removed for its age.' }),
  })
  .meta({ description: 'The record of a build.' });

/** A build as the API shows it. */
export type BuildJson = z.infer<typeof buildSchema>;
