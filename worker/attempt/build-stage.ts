import { createHash } from 'node:crypto';
import type { Recipe } from '../../queue/build.ts';
import type { StoredBuild } from '../../queue/build-store.ts';
import { BuildFailed } from '../engine/build-errors.ts';
import { buildImage } from '../engine/build-image.ts';
import type { BuildRequest, BuiltImage } from '../engine/build-request.ts';
import type { BuildContext } from '../git/context.ts';
import { readSecrets } from '../secrets.ts';
import { sshAgentsFor } from '../ssh-agents.ts';
import type { AttemptContext, AttemptDeps } from './attempt.ts';
import { buildCredentials } from './base-credentials.ts';

/** Which image of a checkout to build, under which name. */
export type Stage = {
  context: BuildContext;
  recipe: Pick<Recipe, 'target' | 'args'>;
  /** The name the image gets in the Engine: `name:tag`. */
  tag: string;
  step: 'build' | 'test';
  labels: Record<string, string>;
  /** Tells the builds of one attempt apart: letters, digits and dashes. */
  part: string;
  /** Images in a registry whose layers may be used. */
  cacheFrom?: string[];
  inlineCache?: boolean;
  pull: boolean;
  noCache?: boolean;
};

/**
 * Builds a stage with what the rule gives every build of it: secrets, whose values are masked from
 * here on, credentials for registries, and the platform. Throws as buildImage and readSecrets do.
 */
export async function buildStage(
  deps: AttemptDeps,
  attempt: AttemptContext,
  { context, recipe, tag, step, labels, part, ...more }: Stage,
): Promise<BuiltImage> {
  const { build, signal, log, secrets, mask } = attempt;
  const { docker, config } = deps;
  const platform = onlyPlatform(build.recipe.platforms);
  const folder = config.SECRETS_DIR ?? null;
  const values = await readSecrets(folder, build);
  const sshAgents = await sshAgentsFor(folder, build);
  secrets.push(...[...values.values()].flatMap(shapesOf));
  if (build.pullRequest?.isFork && build.recipe.secrets.length > 0) {
    await log.write(step, 'status', 'A pull request from a fork is built without secrets.');
  }
  const request: BuildRequest = {
    ...{ context, labels, tag, signal, mask, secrets: values, sshAgents, ...more },
    sharedKey: sharedKeyOf(build, context),
    credentials: buildCredentials(deps, attempt, context, more.cacheFrom),
    buildArgs: recipe.args,
    cacheScope: `slipway-${build.repository.id}`,
    // Nobody's pull request writes into the caches of the repository's own builds.
    mountScope: `slipway-${build.repository.id}${build.pullRequest?.isFork ? '-fork' : ''}`,
    ...(recipe.target !== null && { target: recipe.target }),
    ...(platform !== undefined && { platform }),
    buildId: `${build.id}-${build.fence}-${part}`,
    onLine: ({ stream, text }) => log.write(step, stream, text),
  };
  try {
    return await buildImage(docker, (await deps.engine()).builder, request);
  } catch (error) {
    throw platform === undefined ? error : withPlatform(error, platform);
  }
}

/** One for each folder of a repository that is a context. */
function sharedKeyOf(build: StoredBuild, { folder }: BuildContext): string {
  const place = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return `slipway-${build.repository.id}-${place}`;
}

/** A secret as a log may show it: as it is, and in base64, also without the blanks around it. */
function shapesOf(value: Buffer): string[] {
  const text = String(value);
  const shapes = [text, text.trimEnd(), text.trim()];
  return [text, ...shapes.map((shape) => Buffer.from(shape).toString('base64'))];
}

function onlyPlatform(platforms: string[]): string | undefined {
  const [platform, ...others] = new Set(platforms);
  if (others.length === 0) return platform;
  const all = [platform, ...others].join(', ');
  throw new BuildFailed(
    `platforms asks for ${all}, but an image is built for one platform; name one, or make a rule with an image of its own for each.`,
  );
}

/** A platform without an emulator fails at the first RUN, in words that do not say why. */
function withPlatform(error: unknown, platform: string): unknown {
  if (!(error instanceof BuildFailed)) return error;
  const said = [error.message, ...error.lastLines].join('\n');
  if (!/exec format error/i.test(said)) return error;
  const message = `This worker's Docker Engine cannot run programs of ${platform}: ${error.message}`;
  return new BuildFailed(message, error, { cause: error });
}
