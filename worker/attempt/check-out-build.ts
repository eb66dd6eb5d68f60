import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { askForCheckout } from '../ask-for-checkout.ts';
import { type Checkout, type CheckoutRequest, checkOut } from '../git/checkout.ts';
import { type BuildContext, buildContext } from '../git/context.ts';
import { checkContextSize } from '../git/context-size.ts';
import type { GitAccess } from '../git/git.ts';
import type { AttemptContext, AttemptDeps } from './attempt.ts';

/** A build's commit, what of it the build is sent, and the right to ask for more of it. */
export type OpenCheckout = {
  checkout: Checkout;
  context: BuildContext;
  access: () => Promise<GitAccess>;
  close: () => Promise<void>;
};

/** Checks a build's commit out. Throws as checkOut and buildContext do. */
export async function checkOutBuild(
  deps: AttemptDeps,
  attempt: AttemptContext,
  folder: string,
): Promise<OpenCheckout> {
  const { build, signal, log, secrets } = attempt;
  const onLine = (text: string) => void log.write('checkout', 'status', text);
  const ask = async (wish: { submodules: boolean; isAnew: boolean }) => {
    const question = { id: build.id, fence: build.fence, ...wish };
    const grant = await askForCheckout(deps.queues, deps.events, question, signal, (reason) =>
      onLine(`Waiting for leave to read the repository (${reason})`),
    );
    if (grant.token) secrets.push(grant.token);
    return grant;
  };
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  const local = { home, path: deps.env.PATH ?? '' };
  let granted: Promise<GitAccess> | null = null;
  const grant = (isAnew: boolean): Promise<GitAccess> => {
    granted = ask({ submodules: false, isAnew }).then((given) => ({ ...given, ...local }));
    return granted;
  };
  const access = () => granted ?? grant(false);
  onLine(`Checking out ${build.sha} of ${build.repo}`);
  const request: CheckoutRequest = {
    ...{ repositoryId: build.repository.id, sha: build.sha, folder, local },
    needsFolder: build.recipe.test !== null && 'compose' in build.recipe.test,
  };
  const tools = {
    ...{ mirrors: deps.mirrors, onLine, signal },
    renewAccess: () => grant(true),
    grantSubmodules: () => ask({ submodules: true, isAnew: false }),
  };
  const checkout = await checkOut(access, request, tools);
  try {
    const context = await buildContext(checkout.tree, build.recipe);
    checkContextSize(context, deps.config.CONTEXT_LIMIT);
    return { checkout, context, access, close: checkout.close };
  } catch (error) {
    await checkout.close();
    throw error;
  }
}
