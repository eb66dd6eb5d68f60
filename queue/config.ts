import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import {
  age,
  atLeast,
  budget,
  bytes,
  count,
  duration,
  grace,
  isFolder,
  logLevel,
  logStore,
  milliseconds,
  namespaces,
  port,
  publicUrl,
  redisUrl,
  registry,
  yesOrNo,
} from './config-values.ts';
import { formats } from './notifications.ts';
import { allowed, notifySecret, notifyUrls } from './notify-values.ts';

/** The environment is wrong; `message` names every mistake. The process should exit with 78. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** `EX_CONFIG` of sysexits(3): the configuration is wrong, starting again will not help. */
export const exitConfig = 78;

/** The environment as the web process reads it. */
export type WebConfig = z.infer<typeof webSchema> & {
  /** Null with `LOCAL_REMOTE=true`, where a git remote of our own takes GitHub's place. */
  github: GitHubConfig | null;
};

/** The environment as the worker reads it. */
export type WorkerConfig = z.infer<typeof workerSchema>;

/** Which GitHub it is: github.com, unless GHE_HOST names another. */
export type GitHubHost = Pick<z.infer<typeof webSchema>, 'GHE_HOST' | 'GHE_PROTOCOL'>;

/** What the web process needs to be a GitHub App. */
export type GitHubConfig = z.infer<typeof githubSchema> & GitHubHost & { PRIVATE_KEY: string };

/** Reads the web process's environment. Throws a ConfigError that names every mistake. */
export function webConfig(env: NodeJS.ProcessEnv): WebConfig {
  const given = withoutEmpty(env);
  if (given.LOCAL_REMOTE === 'true') return { ...parse(localSchema, given), github: null };
  const both = parse(appSchema, given);
  return { ...both, github: { ...both, PRIVATE_KEY: privateKey(both) } };
}

/** Reads the worker's environment. Throws a ConfigError that names every mistake. */
export const workerConfig = (env: NodeJS.ProcessEnv): WorkerConfig =>
  parse(workerSchema, withoutEmpty(env));

/**
 * Looks at the environment of both processes at once, for whoever starts both. Throws a ConfigError that
 * names every mistake of either.
 */
export function checkConfigs(env: NodeJS.ProcessEnv): void {
  const given = withoutEmpty(env);
  const web = given.LOCAL_REMOTE === 'true' ? localSchema : appSchema;
  complain([...new Set([web, workerSchema].flatMap((schema) => problemsOf(schema, given)))]);
}

const sharedSchema = z.object({
  REDIS_URL: redisUrl,
  REGISTRY: registry,
  DATA_DIR: z.string().default('data'),
  LOG_LEVEL: logLevel,
});

const webSchema = sharedSchema.extend({
  QUEUE_TIMEOUT: duration.default(milliseconds('24h')),
  IMAGE_NAMESPACES: namespaces.default([]),
  HOST: z.string().optional(),
  PORT: port.default(3_000),
  LOCAL_REMOTE: z.enum(['true', 'false'], 'must be true or false').optional(),
  PUBLIC_URL: publicUrl.optional(),
  PUBLIC_BUILDS: yesOrNo.default(true),
  LOG_STORE: logStore.optional(),
  KEEP_BUILDS: count.default(1_000),
  KEEP_BUILDS_FOR: age.default(milliseconds('365d')),
  KEEP_LOGS_FOR: age.default(milliseconds('90d')),
  KEEP_DELIVERIES: count.default(100_000),
  GHE_HOST: z
    .string()
    .regex(/^[a-z0-9.:[\]-]+$/i, 'is not a host; give it without a scheme, e.g. github.example.com')
    .optional(),
  CATCH_UP_INTERVAL: duration.default(milliseconds('30s')),
  CATCH_UP_BUDGET: z.coerce
    .number(budget)
    .int(budget)
    .min(10, budget)
    .max(15_000, budget)
    .default(1_000),
  SWEEP_INTERVAL: duration.default(milliseconds('1h')),
  NOTIFY_URL: notifyUrls.default([]),
  NOTIFY_FORMAT: z
    .enum(
      formats,
      'is not a format; give slipway, dockerhub or slack, which holds for all of NOTIFY_URL',
    )
    .default('slipway'),
  NOTIFY_SECRET: notifySecret.optional(),
  NOTIFY_ALLOW: allowed.default({ hosts: [], ranges: [] }),
  GHE_PROTOCOL: z.enum(['http', 'https'], 'must be http or https').default('https'),
});

const localSchema = webSchema.extend({
  HOST: z
    .enum(
      ['127.0.0.1', '::1', 'localhost'],
      'must be 127.0.0.1, ::1 or localhost with LOCAL_REMOTE, which lets anybody who reaches it push',
    )
    .default('127.0.0.1'),
});

const missingKey = 'is missing (or PRIVATE_KEY_PATH); give the App’s private key in PEM form';

const githubSchema = z.object({
  APP_ID: z.coerce
    .number('is missing or not a number; it stands on the App’s settings page')
    .int('is not a whole number; it stands on the App’s settings page')
    .positive('is not a positive number; it stands on the App’s settings page'),
  PRIVATE_KEY: z.string().optional(),
  PRIVATE_KEY_PATH: z.string().optional(),
  WEBHOOK_SECRET: z.string('is missing; give the secret set on the App’s settings page'),
  GITHUB_CLIENT_ID: z.string().optional(),
  GITHUB_CLIENT_SECRET: z.string().optional(),
});

const appSchema = webSchema.extend(githubSchema.shape);

const workerSchema = sharedSchema.extend({
  DOCKER_HOST: z.string().optional(),
  DOCKER_CERT_PATH: z.string().optional(),
  DOCKER_TLS_VERIFY: z.string().optional(),
  DOCKER_CONFIG: z.string().optional(),
  SECRETS_DIR: z
    .string()
    .refine(isFolder, 'is not a folder; give the one with the secrets and ssh agents of builds')
    .optional(),
  HOME: z.string().optional(),
  PATH: z.string().optional(),
  CONCURRENCY: z.coerce
    .number('is not a number; give how many builds may run at once, from 1 to 100')
    .int('is not a whole number; give how many builds may run at once, from 1 to 100')
    .min(1, 'is too small; give how many builds may run at once, from 1 to 100')
    .max(100, 'is too large; give how many builds may run at once, from 1 to 100')
    .default(availableParallelism()),
  BUILD_TIMEOUT: duration.default(milliseconds('60m')),
  SILENCE_TIMEOUT: duration.default(milliseconds('20m')),
  MAX_ATTEMPTS: z.coerce
    .number('is not a number; give how often a build is begun, from 1 to 100')
    .int('is not a whole number; give how often a build is begun, from 1 to 100')
    .min(1, 'is too small; give how often a build is begun, from 1 to 100')
    .max(100, 'is too large; give how often a build is begun, from 1 to 100')
    .default(5),
  CONTEXT_LIMIT: atLeast('64k').default(4 * 2 ** 30),
  PUSH_TIMEOUT: duration.default(milliseconds('10m')),
  STOP_GRACE: grace.default(milliseconds('20s')),
  STAGE_CACHE: yesOrNo.default(true),
  MIRROR_LIMIT: atLeast('1m').default(10 * 2 ** 30),
  DISK_FLOOR: bytes.default(5 * 2 ** 30),
  CACHE_LIMIT: atLeast('1m').optional(),
  LOG_LIMIT: atLeast('64k').default(16 * 2 ** 20),
  // The Engine refuses less.
  TEST_MEMORY: atLeast('6m').default(2 * 2 ** 30),
});

function parse<Schema extends z.ZodType>(schema: Schema, env: object): z.infer<Schema> {
  complain(problemsOf(schema, env));
  return schema.parse(env);
}

function problemsOf(schema: z.ZodType, env: object): string[] {
  const issues = schema.safeParse(env).error?.issues ?? [];
  return [
    ...issues.map((issue) => sentence(env, issue)),
    ...keyProblems(schema, env),
    ...clientProblems(schema, env),
  ];
}

function complain(problems: string[]): void {
  if (problems.length === 0) return;
  throw new ConfigError(`The environment is wrong:\n${problems.map((p) => `  ${p}`).join('\n')}`);
}

/** Names the variable and what is wrong; secrets are named without their value. */
function sentence(env: object, issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0]);
  const value = (env as Record<string, unknown>)[name];
  const shown =
    value === undefined || /SECRET$|KEY|REDIS_URL|NOTIFY_URL/.test(name) ? '' : `=${value}`;
  return `${name}${shown} ${issue.message}`;
}

function keyProblems(schema: z.ZodType, env: Parameters<typeof privateKey>[0]) {
  if (!(schema instanceof z.ZodObject) || !('PRIVATE_KEY' in schema.shape)) return [];
  try {
    const key = privateKey(env);
    return key.includes('-----BEGIN') ? [] : ['PRIVATE_KEY is not a private key in PEM form'];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** People sign in by both or, where neither is given, not at all. */
function clientProblems(schema: z.ZodType, env: object): string[] {
  if (!(schema instanceof z.ZodObject) || !('GITHUB_CLIENT_ID' in schema.shape)) return [];
  const names = ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'];
  const given = names.filter((name) => name in env);
  const missing = names.filter((name) => !(name in env));
  if (given.length !== 1) return [];
  return [`${missing} is missing beside ${given}; give both for people to sign in, or neither`];
}

/** The key itself; `\n` may be written for line breaks and the whole in base64, as in Probot. */
function privateKey(env: {
  PRIVATE_KEY?: string | undefined;
  PRIVATE_KEY_PATH?: string | undefined;
}): string {
  if (env.PRIVATE_KEY) {
    const text = env.PRIVATE_KEY.replaceAll('\\n', '\n');
    return text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString();
  }
  if (!env.PRIVATE_KEY_PATH) throw new ConfigError(`PRIVATE_KEY ${missingKey}`);
  try {
    return readFileSync(env.PRIVATE_KEY_PATH, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`PRIVATE_KEY_PATH=${env.PRIVATE_KEY_PATH} cannot be read (${code})`, {
      cause,
    });
  }
}

/** A variable set to nothing counts as not set, as compose files and Procfile tools leave it. */
const withoutEmpty = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
