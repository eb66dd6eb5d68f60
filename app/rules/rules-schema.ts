import { z } from 'zod';
import { quoted } from '../tags/quoted.ts';
import { imageReference, noImageName } from './image-reference.ts';
import { targetSchema } from './notify-schema.ts';

/** A branch, tag or path pattern longer than this is none, in characters. */
const longestPattern = 256;

/** So many entries a list may have. */
const most = 64;

const text = z.string().min(1).max(1_000);
const pattern = z.string().min(1).max(longestPattern);
const list = <T extends z.ZodType>(item: T) => z.array(item).max(most);

/** `key=value` lines as one text or as a list, as docker/metadata-action takes them. */
const lines = z.union([z.string().max(16_384), list(z.string().max(1_000))]);

/** YAML writes `22` and `true` without quotes; arguments are text all the same. */
const scalar = z.union([z.string().max(4_096), z.number(), z.boolean()]);

/** A path inside the repository. */
const path = text.refine(
  (value) => !value.startsWith('/') && !value.split('/').includes('..') && !value.includes('\0'),
  { message: 'must be a path inside the repository, without a leading / and without ..' },
);

/** What `RUN --mount=type=ssh,id=…` may name here: the worker makes a file's name of it. */
const agentId = /^[\w.-]{1,64}$/;

const noAgentId = (id: string): string =>
  `${quoted(id)} is no id of an ssh agent; it must be 1 to 64 of A-Z a-z 0-9 _ . -`;

const onSchema = z
  .strictObject({
    branches: list(pattern).describe(
      'Branches to build: globs or /regular expressions/; ! takes back.',
    ),
    tags: list(pattern).describe(
      'Git tags to build: globs or /regular expressions/; ! takes back.',
    ),
    pull_requests: z.boolean().describe('Whether pull requests are built, without a push.'),
  })
  .partial();

const testSchema = z.union(
  [
    z.strictObject({ target: text.describe('A stage that must build.') }),
    z.strictObject({
      command: list(z.string().max(4_096))
        .min(1)
        .describe('A command that must exit 0 in the built image.'),
    }),
    z.strictObject({ compose: path.describe('A compose file whose service `sut` must exit 0.') }),
  ],
  { error: 'must have exactly one of target, command, compose' },
);

/** One entry under `images:`, as it is written; see docs/rules.md. */
export const ruleSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
      message: 'must begin with a-z or 0-9 and go on with at most 62 of a-z 0-9 . _ -',
    })
    .optional()
    .describe('Shown in the check: slipway / <name>. Needed when there are several images.'),
  image: z
    .string()
    .max(255)
    .regex(imageReference, { error: ({ input }) => noImageName(String(input)) })
    .optional()
    .describe('Where the image goes; default <registry>/<owner>/<repo>[/<name>].'),
  context: path.default('.').describe('The folder that is sent to the build.'),
  dockerfile: path.default('Dockerfile').describe('The Dockerfile, relative to the context.'),
  target: text.optional().describe('The stage to build; default the last.'),
  args: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/), scalar)
    .default({})
    .describe('Build arguments, for ARG in the Dockerfile.'),
  secrets: list(z.string().regex(/^[\w.-]{1,64}$/))
    .default([])
    .describe('Names of secrets the operator keeps; for RUN --mount=type=secret only.'),
  ssh: list(z.string().regex(agentId, { error: ({ input }) => noAgentId(String(input)) }))
    .default([])
    .describe('Ids of ssh agents the operator keeps; for RUN --mount=type=ssh only.'),
  platforms: list(
    z.string().regex(/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9]+)?$/, {
      message: 'must be a platform such as linux/amd64 or linux/arm64/v8',
    }),
  )
    .max(8)
    .default([])
    .describe('The platform to build for, e.g. linux/amd64; default the engine’s own.'),
  on: onSchema
    .optional()
    .describe('What is built; default every branch, git tag and pull request.'),
  paths: list(pattern)
    .optional()
    .describe('Globs of files: built only when one that matches changed; ! takes back.'),
  tags: lines
    .optional()
    .describe(
      'Lines in docker/metadata-action’s language, such as type=semver,pattern={{version}}; ' +
        'default the branch or git tag, and latest for the default branch.',
    ),
  flavor: lines
    .optional()
    .describe('What holds for all tags: latest=auto|true|false, prefix=…, suffix=…, onlatest=….'),
  labels: z
    .union([lines, z.record(z.string().min(1), scalar)])
    .optional()
    .describe(
      'More labels, as lines key=value or as a mapping; {{branch}} and so on are filled in.',
    ),
  test: testSchema.optional().describe('What must go well before the image is pushed.'),
  timeout: z
    .string()
    .regex(/^\d{1,5}(s|m|h)$/, { message: 'must be a time such as 90s, 30m or 2h' })
    .optional()
    .describe('The longest the build may take, e.g. 30m; the operator’s BUILD_TIMEOUT caps it.'),
  cancel_superseded: z
    .boolean()
    .default(false)
    .describe('Whether a newer push of the same ref cancels builds of older ones.'),
  reuse: z
    .boolean()
    .default(true)
    .describe('Whether an image made of the same inputs may stand in for a new one.'),
});

/** The rules file, as it is written. */
export const rulesSchema = z.strictObject({
  images: z.array(ruleSchema).min(1).max(32).describe('One entry for each image to build.'),
  notify: z
    .array(targetSchema)
    .max(8)
    .default([])
    .describe('Who is told when a build of a branch or git tag ends, by a POST to a URL.'),
});

/** One rule with its defaults. */
export type WrittenRule = z.infer<typeof ruleSchema>;
