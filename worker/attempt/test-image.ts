import { realpath } from 'node:fs/promises';
import type { Recipe } from '../../queue/build.ts';
import { notePulled, noteUsed } from '../disk/pulled-images.ts';
import { removeImage } from '../engine/push-image.ts';
import type { Checkout } from '../git/checkout.ts';
import { buildContext } from '../git/context.ts';
import { checkContextSize } from '../git/context-size.ts';
import { removeLeftovers } from '../test/leftovers.ts';
import { readCompose } from '../test/read-compose.ts';
import { runCommand } from '../test/run-command.ts';
import { runCompose } from '../test/run-compose.ts';
import type { TestRun } from '../test/test-run.ts';
import type { AttemptContext, AttemptDeps } from './attempt.ts';
import { mustPull } from './base-credentials.ts';
import { buildStage } from './build-stage.ts';

type TestRecipe = Pick<Recipe, 'context' | 'dockerfile' | 'target' | 'args'>;

/**
 * What the rule's `test` asks for, with the built image: nothing is pushed unless it goes well.
 * Throws BuildFailed with the reason when it does not.
 */
export async function testImage(
  deps: AttemptDeps,
  attempt: AttemptContext,
  checkout: Checkout,
  { name: image, pull: isPulled }: { name: string; pull: boolean },
): Promise<void> {
  const { build, signal, log } = attempt;
  const { test } = build.recipe;
  if (test === null) return;
  await removeLeftovers(deps.docker, deps.store);
  const run: TestRun = {
    docker: deps.docker,
    name: `slipway-test-${build.id}-${build.fence}`,
    labels: { 'slipway.build': build.id, 'slipway.fence': String(build.fence) },
    memory: deps.config.TEST_MEMORY,
    signal,
    onImage: async (name, isPulled) => {
      const { id } = await deps.engine();
      await (isPulled ? notePulled : noteUsed)(deps.store, id, deps.docker, name);
    },
    onLine: ({ stream, text }) => log.write('test', stream, text),
  };
  const buildForTest = async (recipe: TestRecipe, tag: string, isOwn = false) => {
    const context = await buildContext(checkout.tree, recipe);
    checkContextSize(context, deps.config.CONTEXT_LIMIT);
    // Another Dockerfile, of a compose file, may take other images.
    const pull = isOwn ? isPulled : await mustPull(deps, attempt, context, null);
    return buildStage(deps, attempt, {
      ...{ pull, context, recipe, tag, step: 'test', labels: run.labels, part: 'test' },
    });
  };
  if ('target' in test) {
    await testTarget(run, (tag) =>
      buildForTest({ ...build.recipe, target: test.target }, tag, true),
    );
  }
  if ('command' in test) await runCommand(run, image, test.command);
  if ('compose' in test && checkout.folder !== null) {
    const variables = { SOURCE_COMMIT: build.sha, IMAGE_NAME: image };
    const tree = await realpath(checkout.folder);
    await runCompose(run, await readCompose(tree, test.compose, variables), {
      underTest: { ...build.recipe, image },
      build: buildForTest,
    });
  }
}

async function testTarget(run: TestRun, build: (tag: string) => Promise<unknown>): Promise<void> {
  const tag = `${run.name}:target`;
  try {
    await build(tag);
  } finally {
    await removeImage(run.docker, tag);
  }
}
