import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { StoredBuild } from '../../queue/build-store.ts';
import { askForCheckout } from '../ask-for-checkout.ts';
import { removeImage } from '../engine/push-image.ts';
import { checkOut } from '../git/checkout.ts';
import type { LogWriter } from '../log/log-writer.ts';
import { credentialsFor, secretsOf } from '../registry/credentials.ts';
import { registryClient } from '../registry/registry-client.ts';
import { buildStage } from './build-stage.ts';
import { moveTags } from './move-tags.ts';
import { pushTag } from './push-tag.ts';
import type { AttemptDeps } from './run-attempt.ts';
import type { StepRunner } from './steps.ts';
import { testImage } from './test-image.ts';

/** What an attempt that went well leaves behind. */
export type Pushed = { digest: string | null; size: number; tags: string[]; kept: string[] };

/** One attempt's own things. */
export type AttemptContext = {
  build: StoredBuild;
  signal: AbortSignal;
  log: LogWriter;
  step: StepRunner;
  /** Values that must not appear in the log; grows as the attempt learns them. */
  secrets: string[];
};

/**
 * The story of an attempt: checkout → build → test → push → tag. Leaves no folder and no name in the
 * Engine behind, however it ends.
 */
export async function buildAndPush(deps: AttemptDeps, attempt: AttemptContext): Promise<Pushed> {
  const { docker, config } = deps;
  const { build, signal, step, secrets } = attempt;
  const folder = resolve(config.DATA_DIR, 'builds', `${build.id}-${build.fence}`);
  const name = `${build.image}:${build.sha}`;
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const checkout = await step('checkout', () => checkOutCommit(deps, attempt, folder));
    const { recipe, labels } = build;
    const stage = { recipe, tag: name, step: 'build', labels, part: 'build' } as const;
    const image = await step('build', () => buildStage(deps, attempt, checkout, stage));
    if (recipe.test) await step('test', () => testImage(deps, attempt, checkout, name));
    if (!build.publish) return { digest: null, size: image.size, tags: [], kept: [] };
    const registry = registryClient({
      credentials: async () => {
        const auth = await credentialsFor(build.image, deps.dockerConfig, deps.env);
        secrets.push(...secretsOf(auth));
        return auth;
      },
    });
    const push = (tag: string, during: AbortSignal, stepName: 'push' | 'tag') =>
      pushTag(deps, attempt, { registry, tag, signal: during, step: stepName });
    const { digest } = await step('push', () => push(build.sha, signal, 'push'));
    const moved = await step('tag', () =>
      moveTags(deps, attempt, (tag, during) => push(tag, during, 'tag')),
    );
    return { digest, size: image.size, tags: [build.sha, ...moved.tags], kept: moved.kept };
  } finally {
    await rm(folder, { recursive: true, force: true });
    for (const tag of new Set([build.sha, ...build.wantedTags])) {
      await removeImage(docker, `${build.image}:${tag}`);
    }
  }
}

async function checkOutCommit(deps: AttemptDeps, attempt: AttemptContext, folder: string) {
  const { build, signal, log, secrets } = attempt;
  const onLine = (text: string) => void log.write('checkout', 'status', text);
  const ask = async (submodules: boolean) => {
    const question = { id: build.id, fence: build.fence, submodules };
    const grant = await askForCheckout(deps.queues, deps.events, question, signal, (reason) =>
      onLine(`Waiting for leave to read the repository (${reason})`),
    );
    if (grant.token) secrets.push(grant.token);
    return grant;
  };
  const access = { ...(await ask(false)), path: deps.env.PATH ?? '' };
  onLine(`Checking out ${build.sha} of ${build.repo}`);
  const tools = { grantSubmodules: () => ask(true), onLine, signal };
  return checkOut(access, build.sha, join(folder, 'git'), tools);
}
