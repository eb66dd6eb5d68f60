import { setTimeout as delay } from 'node:timers/promises';
import type { Recipe } from '../../queue/build.ts';
import { BuildFailed } from '../engine/build-errors.ts';
import { removeImage } from '../engine/push-image.ts';
import type { WrittenService } from './compose-schema.ts';
import { orAborted, removeContainer, type Started, startContainer } from './container.ts';
import { containerOptions, namedVolumes, volumeName } from './container-options.ts';
import { keepLastLines } from './last-lines.ts';
import { pullMissing } from './pull-missing.ts';
import { type Compose, recipeOf } from './read-compose.ts';
import { testFailure } from './run-command.ts';
import type { TestRun } from './test-run.ts';

type Stage = Pick<Recipe, 'context' | 'dockerfile' | 'target' | 'args'>;

/** Where the images of a compose file come from. */
export type ComposeImages = {
  /** The image that is tested; a service that builds the same gets it instead of a second build. */
  underTest: Stage & { image: string };
  build: (recipe: Stage, tag: string) => Promise<unknown>;
};

/**
 * Runs the service `sut` of a compose file and what it depends on, on a network that leads nowhere
 * else; its exit code decides. Throws BuildFailed unless that is 0, and the signal's reason when
 * that was aborted. Containers, volumes, network and images are gone afterwards.
 */
export async function runCompose(
  run: TestRun,
  { services, folder }: Compose,
  images: ComposeImages,
): Promise<void> {
  const { docker, name: project, labels } = run;
  const { onLine, lastLines } = keepLastLines(run.onLine);
  const started = new Map<string, Started>();
  const volumes = new Set(services.flatMap(([, service]) => namedVolumes(service)));
  const built: string[] = [];
  const network = await docker.createNetwork({
    ...{ Name: project, Internal: true, Labels: labels },
    // An internal network still has the machine itself as its gateway: then it has not.
    Options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' },
  });
  try {
    for (const volume of volumes)
      await docker.createVolume({ Name: volumeName(project, volume), Labels: labels });
    for (const [name, service] of services) {
      await waitForNeeded(run, service, started);
      const image = await imageOf(run, name, service, folder, images, built);
      const aliases = services.flatMap(([, other]) => linkedAs(name, other));
      const prefixed: TestRun = {
        ...run,
        onLine: ({ stream, text }) => onLine({ stream, text: `${name} | ${text}` }),
      };
      const options = containerOptions(service, { project, name, image, aliases });
      started.set(name, await startContainer(prefixed, options));
    }
    const end = await orAborted(run.signal, started.get('sut')!.end);
    if (end.exitCode !== 0) throw testFailure('The service sut', end, run.memory, lastLines());
  } finally {
    for (const { container } of started.values()) await removeContainer(container);
    for (const volume of volumes)
      await docker.getVolume(volumeName(project, volume)).remove().catch(ignoreMissing);
    await network.remove();
    for (const tag of built) await removeImage(docker, tag);
  }
}

async function imageOf(
  run: TestRun,
  name: string,
  { build, image }: WrittenService,
  folder: string,
  { underTest, ...images }: ComposeImages,
  built: string[],
): Promise<string> {
  if (!build) return pullMissing(run, image ?? '');
  const recipe = recipeOf(folder, build);
  if (isSame(recipe, underTest)) return underTest.image;
  const tag = `${run.name}:${name}`;
  built.push(tag);
  await images.build(recipe, tag);
  return tag;
}

/** The service asks for the build that is tested, perhaps without naming its target or args. */
const isSame = (recipe: Stage, tested: Stage): boolean =>
  recipe.context === tested.context &&
  recipe.dockerfile === tested.dockerfile &&
  (recipe.target === null || recipe.target === tested.target) &&
  Object.entries(recipe.args).every(([key, value]) => tested.args[key] === value);

const linkedAs = (name: string, { links }: WrittenService): string[] =>
  links
    .map((link) => link.split(':'))
    .flatMap(([service, alias]) => (service === name && alias ? [alias] : []));

/** Waits until what a service depends on is as far as it asks. */
async function waitForNeeded(
  run: TestRun,
  { depends_on }: WrittenService,
  started: ReadonlyMap<string, Started>,
): Promise<void> {
  for (const [name, { condition }] of Object.entries(depends_on)) {
    const needed = started.get(name)!;
    if (condition === 'service_healthy') await healthy(run, name, needed);
    if (condition === 'service_completed_successfully') {
      const end = await orAborted(run.signal, needed.end);
      if (end.exitCode !== 0) throw testFailure(`The service ${name}`, end, run.memory, []);
    }
  }
}

async function healthy({ signal }: TestRun, name: string, { container }: Started): Promise<void> {
  for (;;) {
    const { State } = await container.inspect();
    if (!State.Health) throw new BuildFailed(`The service ${name} has no healthcheck to wait for.`);
    if (State.Health.Status === 'healthy') return;
    if (State.Health.Status === 'unhealthy' || !State.Running) {
      const how = State.Running ? 'is unhealthy' : `ended with exit code ${State.ExitCode}`;
      throw new BuildFailed(`The service ${name} ${how}, so sut was not run.`);
    }
    await orAborted(signal, delay(200));
  }
}

function ignoreMissing(error: { statusCode?: number }): void {
  if (error.statusCode !== 404) throw error;
}
