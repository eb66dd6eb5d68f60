import { cacheSuffix } from '../../queue/build.ts';
import { noteBuilt } from '../../queue/warmth.ts';
import { readDockerfile } from '../engine/dockerfile.ts';
import { pushImage, removeImage } from '../engine/push-image.ts';
import type { BuildContext } from '../git/context.ts';
import { credentialsFor, secretsOf } from '../registry/credentials.ts';
import type { AttemptContext, AttemptDeps, Finished } from './attempt.ts';
import { buildStage } from './build-stage.ts';

/** More stages than these are not shared. */
const mostStages = 16;

/** How long sharing may take, in milliseconds; the build has ended by then. */
const patience = 5 * 60_000;

/**
 * Lets workers on other Engines begin where this one is, after a build has ended in which something
 * ran: the image tells of the last stage's layers, and each stage before it is pushed under a tag
 * of its own beside the image. Stages that may hold what only the build was to see are not: those
 * of a rule with secrets or ssh. What goes wrong costs other workers time and nothing else.
 */
export async function shareLayers(
  deps: AttemptDeps,
  attempt: AttemptContext,
  finished: Finished,
): Promise<void> {
  try {
    await share(deps, attempt, finished);
  } catch (err) {
    deps.log.info({ err, build: attempt.build.id }, 'The layers of a build are not shared');
  }
}

async function share(
  deps: AttemptDeps,
  attempt: AttemptContext,
  { digest, reused, ran, context, pull }: Finished,
): Promise<void> {
  const { build } = attempt;
  const { id: engine, builder } = await deps.engine();
  if (digest === null || reused !== null || builder !== 'buildkit') return;
  const rule = { repositoryId: build.repository.id, rule: build.name };
  const stages = stagesOf(deps, attempt, context);
  const tags = stages.map(([, tag]) => tag);
  await noteBuilt(deps.store, rule, engine, [`${build.image}:${build.sha}`, ...tags]);
  if (ran === 0) return;
  const signal = AbortSignal.any([attempt.stopping, AbortSignal.timeout(patience)]);
  for (const [stage, tag] of stages) {
    await shareStage(deps, { ...attempt, signal }, { context, pull }, stage, tag);
  }
}

/** The named stages before the one that is the image, each with the name its layers are pushed under. */
function stagesOf(
  { config }: AttemptDeps,
  { build }: AttemptContext,
  { dockerfileText }: BuildContext,
): [stage: string, tag: string][] {
  const { target, secrets, ssh } = build.recipe;
  if (!config.STAGE_CACHE || secrets.length > 0 || ssh.length > 0) return [];
  const { stages } = readDockerfile(dockerfileText);
  const isTarget = ({ name }: { name: string | null }, index: number): boolean =>
    target === null
      ? index === stages.length - 1
      : name === target.toLowerCase() || String(index) === target;
  const last = stages.findIndex(isTarget);
  return stages.slice(0, Math.max(last, 0)).flatMap(({ name: stage, instructions }, index) => {
    // BuildKit of Engine 20.10 builds no stage by its number.
    if (stage === null) return [];
    const hasLayers = instructions.some(({ keyword }) => ['RUN', 'COPY', 'ADD'].includes(keyword));
    const tag = `${build.image}${cacheSuffix}:stage-${stage.replace(/[^\w.-]/g, '-').slice(0, 100)}`;
    return hasLayers && index < mostStages ? [[stage, tag] as [string, string]] : [];
  });
}

/** Everything is in the Engine's cache, so that this takes little more than the push. */
async function shareStage(
  deps: AttemptDeps,
  attempt: AttemptContext,
  made: Pick<Finished, 'context' | 'pull'>,
  stage: string,
  name: string,
): Promise<void> {
  const { build, signal, secrets } = attempt;
  const log = { write: () => {}, close: async () => {} };
  const recipe = { ...build.recipe, target: stage };
  const labels = { 'slipway.build': build.id };
  try {
    await buildStage(
      deps,
      { ...attempt, log },
      {
        ...{ ...made, recipe, tag: name, step: 'build', labels, part: 'share' },
        inlineCache: true,
      },
    );
    const [image = '', tag = ''] = name.split(/:(?=[^:/]+$)/);
    const auth = await credentialsFor(image, deps.dockerConfig, deps.env);
    secrets.push(...secretsOf(auth));
    await pushImage(deps.docker, {
      image,
      tag,
      auth,
      signal,
      onLine: () => {},
      stallTimeout: 60_000,
    });
  } finally {
    await removeImage(deps.docker, name);
  }
}
