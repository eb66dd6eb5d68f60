import { noteBuilt, readWarmth } from '../../queue/warmth.ts';
import type { BuiltImage } from '../engine/build-request.ts';
import type { BuildContext } from '../git/context.ts';
import type { AttemptContext, AttemptDeps } from './attempt.ts';
import { buildStage } from './build-stage.ts';

/**
 * Builds the image under a name. An Engine that has not built the rule lately takes the layers that
 * others have pushed; one that has needs none and does not ask.
 */
export async function makeImage(
  deps: AttemptDeps,
  attempt: AttemptContext,
  context: BuildContext,
  pull: boolean,
  tag: string,
): Promise<BuiltImage> {
  const { build, log } = attempt;
  const { recipe, labels } = build;
  const engine = (await deps.engine()).id;
  const rule = { repositoryId: build.repository.id, rule: build.name };
  const { builtAt, cacheFrom } = await readWarmth(deps.store, rule);
  const isCold = recipe.cache && !builtAt.has(engine) && cacheFrom.length > 0;
  if (isCold) {
    const text = `This worker has not built this lately: layers come from ${cacheFrom.join(', ')}`;
    await log.write('build', 'status', text);
  }
  const built = await buildStage(deps, attempt, {
    ...{ context, recipe, tag, step: 'build', labels, part: 'build' },
    ...{ cacheFrom: isCold ? cacheFrom : [], inlineCache: build.publish },
    ...{ pull, noCache: !recipe.cache },
  });
  await noteBuilt(deps.store, rule, engine);
  return built;
}
