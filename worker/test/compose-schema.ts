import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const words = z.union([z.string(), z.array(scalar)]);
const conditions = [
  'service_started',
  'service_healthy',
  'service_completed_successfully',
] as const;

/** `A=b` lines or a mapping; what has no value would come from the machine, and is left out. */
const variables = z
  .union([z.record(z.string(), scalar.nullable()), z.array(z.string())])
  .transform((given) => {
    const pairs = Array.isArray(given)
      ? given.filter((line) => line.includes('=')).map((line) => splitAt(line, line.indexOf('=')))
      : Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== null);
    return Object.fromEntries(pairs);
  });

const buildSchema = z.union([
  z.string().transform((context) => ({ context })),
  z.strictObject({
    context: z.string(),
    dockerfile: z.string().optional(),
    target: z.string().optional(),
    args: variables.optional(),
  }),
]);

const duration = z.string().regex(/^(\d+(\.\d+)?(h|m|s|ms|us|ns))+$/, 'must be a time such as 5s');

const healthcheck = z.strictObject({
  test: words.optional(),
  interval: duration.optional(),
  timeout: duration.optional(),
  start_period: duration.optional(),
  retries: z.number().int().min(0).max(1_000).optional(),
  disable: z.boolean().optional(),
});

const dependsOn = z.union([
  z
    .array(z.string())
    .transform((names) =>
      Object.fromEntries(names.map((name) => [name, { condition: conditions[0] }])),
    ),
  z.record(z.string(), z.looseObject({ condition: z.enum(conditions).default('service_started') })),
]);

/** Only volumes: a folder of the machine is nothing for the code of a repository. */
const volume = z.string().regex(/^([A-Za-z0-9][\w.-]*:)?\/[^:]*(:rw)?$/, {
  message:
    'must be a volume such as data:/data; folders of the machine cannot be mounted, COPY what is needed in the Dockerfile',
});

/** Without meaning in a test on a network of its own; taken so that usual files work as they are. */
const ignored = z.unknown().optional();

const serviceSchema = z.strictObject({
  image: z
    .string()
    .regex(/^[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?$/i, 'must be the name of an image')
    .refine((name) => !name.includes('..') && !name.includes('//'), 'must be the name of an image')
    .optional(),
  build: buildSchema.optional(),
  command: words.nullish(),
  entrypoint: words.nullish(),
  environment: variables.default({}),
  working_dir: z.string().optional(),
  user: scalar.optional(),
  hostname: z.string().optional(),
  tmpfs: z.union([z.string().transform((path) => [path]), z.array(z.string())]).default([]),
  volumes: z.array(volume).max(20).default([]),
  depends_on: dependsOn.default({}),
  links: z.array(z.string()).default([]),
  healthcheck: healthcheck.optional(),
  ...{ ports: ignored, expose: ignored, restart: ignored, container_name: ignored },
  ...{ networks: ignored, labels: ignored, logging: ignored, stdin_open: ignored, tty: ignored },
  ...{ stop_signal: ignored, stop_grace_period: ignored, pull_policy: ignored, init: ignored },
});

/** A compose file, as far as a test can use it. */
export const composeSchema = z.looseObject({
  services: z.record(
    z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
        'must begin with A-Z a-z 0-9 and go on with those or . _ -',
      ),
    serviceSchema,
  ),
});

/** One service as it is written, with its defaults. */
export type WrittenService = z.infer<typeof serviceSchema>;

/** What a service may say here, for the message about what it may not. */
export const serviceKeys = Object.keys(serviceSchema.shape);

const splitAt = (text: string, at: number): [string, string] => [
  text.slice(0, at),
  text.slice(at + 1),
];
