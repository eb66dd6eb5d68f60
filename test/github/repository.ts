import { join } from 'node:path';
import { findRepository } from './access.ts';
import { installApp } from './app-shape.ts';
import { type DeliverOptions, deliver } from './deliveries.ts';
import type { Description } from './description.ts';
import { git } from './git.ts';
import { refTarget, zeros } from './git-read.ts';
import { type CommitOptions, writeCommit, writeTag } from './git-write.ts';
import { storeLargeFile } from './lfs.ts';
import { pushPayload } from './push-payload.ts';
import type { Delivery } from './records.ts';
import type { RepositoryState, World } from './world.ts';
import { accountOf, fullName, installationOf, newId } from './world.ts';

/** What a new repository is like: public, on `main`, covered by the App unless told. */
export type RepositoryOptions = {
  private?: boolean;
  defaultBranch?: string;
  description?: string;
  /** An SPDX identifier. */
  license?: string;
  /** Whether the App is installed for it. */
  installed?: boolean;
  ownerType?: 'User' | 'Organization';
  fork?: boolean;
};

/** A move of one ref; whatever is left out follows from the repository. */
export type PushOptions = DeliverOptions & {
  /** The default branch unless told. */
  ref?: string;
  /** Where the ref is moved first; it stays where it is unless told. */
  after?: string;
  /** What GitHub told the App about the ref last, or zeros, unless told. */
  before?: string;
  pusher?: string;
  /** When GitHub took it, in milliseconds since the epoch; now unless told. */
  pushedAt?: number;
  /** Replaces parts of the payload. */
  payload?: Record<string, unknown>;
};

/** A bare git repository with its owner, known to GitHub. */
export const makeRepository = async (
  world: World,
  owner: string,
  name: string,
  options: RepositoryOptions,
): Promise<RepositoryState> => {
  // A test that is tried again begins with a repository of its own.
  const earlier = findRepository(world, owner, name);
  if (earlier && !earlier.moved) earlier.repository.deleted = true;
  const id = newId(world);
  const folder = join(world.folder, `${id}.git`);
  const { defaultBranch = 'main', ownerType = 'Organization' } = options;
  await git(world.folder, ['init', '-q', '--bare', `--initial-branch=${defaultBranch}`, folder]);
  const settings = [
    ['uploadpack.allowAnySHA1InWant', 'true'],
    ['uploadpack.allowFilter', 'true'],
    ['gc.auto', '0'],
  ] as const;
  for (const setting of settings) await git(folder, ['config', ...setting]);
  const repository: RepositoryState = {
    id,
    owner: accountOf(world, owner, ownerType),
    name,
    private: options.private ?? false,
    fork: options.fork ?? false,
    archived: false,
    defaultBranch,
    description: options.description ?? null,
    license: options.license ?? null,
    folder,
    createdAt: Date.now(),
    pushedAt: Date.now(),
    deleted: false,
    oldNames: [],
    told: new Map(),
    pullRequests: [],
    largeFiles: new Map(),
  };
  world.repositories.push(repository);
  if (options.installed !== false) {
    installApp(world, owner, ownerType).repositories.push(repository);
  }
  return repository;
};

const isHeard = (world: World, repository: RepositoryState): boolean => {
  const installation = installationOf(world, repository);
  return installation !== undefined && !installation.suspended;
};

/** Sends a webhook after it was checked against its schema; a wrong one is noted and thrown. */
export const announce = async (
  world: World,
  description: Description,
  event: string,
  payload: Record<string, unknown>,
  options: DeliverOptions = {},
): Promise<Delivery> => {
  if (options.check !== false) {
    const wrong = description.webhook(event, payload);
    world.violations.push(...wrong.map((sentence) => `webhook ${event}: ${sentence}`));
    if (wrong.length > 0) throw new Error(`webhook ${event}: ${wrong.join('; ')}`);
  }
  return deliver(world, event, payload, options);
};

/** Moves a ref, if told where, and delivers the `push`; throws where GitHub would send nothing. */
export const push = async (
  world: World,
  description: Description,
  repository: RepositoryState,
  options: PushOptions,
): Promise<Delivery> => {
  const { pusher = 'alice', ref = `refs/heads/${repository.defaultBranch}` } = options;
  if (!isHeard(world, repository)) {
    throw new Error(`GitHub sends the App nothing about ${fullName(repository)}; use setRef`);
  }
  const present = await refTarget(repository.folder, ref);
  const after = options.after ?? present ?? zeros;
  const told = repository.told.get(ref) ?? (after === zeros ? present : undefined);
  const before = options.before ?? told ?? zeros;
  if (after === zeros) await git(repository.folder, ['update-ref', '-d', ref]);
  else if (after !== present) await git(repository.folder, ['update-ref', ref, after]);
  if (after === zeros) repository.told.delete(ref);
  else repository.told.set(ref, after);
  repository.pushedAt = options.pushedAt ?? Date.now();
  const payload = await pushPayload(world, repository, { ref, before, after, pusher });
  return announce(world, description, 'push', { ...payload, ...options.payload }, options);
};

/** What a test does with a repository, as a developer with their own git would. */
export type Repository = ReturnType<typeof repositoryHandle>;

/** Puts a repository and what can be done with it together; names follow a rename. */
export const repositoryHandle = (
  world: World,
  description: Description,
  state: RepositoryState,
) => ({
  /** GitHub's record of it. */
  state,
  id: state.id,
  /** The bare repository, for a test's own git. */
  folder: state.folder,
  get fullName(): string {
    return fullName(state);
  },
  /** The address for a git client. */
  get cloneUrl(): string {
    return `${world.origin}/${fullName(state)}.git`;
  },
  /** Writes a commit and moves its branch, of which GitHub tells nobody until it is pushed. */
  commit: (options: CommitOptions): Promise<string> => writeCommit(state.folder, options),
  /** Keeps a large file and answers the Git LFS pointer to commit in its place. */
  largeFile: (content: string | Buffer): string => storeLargeFile(state, Buffer.from(content)),
  /** Moves a ref and delivers the `push`. */
  push: (options: PushOptions = {}): Promise<Delivery> => push(world, description, state, options),
  /** Moves a ref without a webhook, as for more than three tags at once; null deletes it. */
  setRef: async (ref: string, sha: string | null): Promise<void> => {
    await git(state.folder, sha === null ? ['update-ref', '-d', ref] : ['update-ref', ref, sha]);
    state.pushedAt = Date.now();
  },
  /** What a ref points at now. */
  ref: (ref: string): Promise<string | undefined> => refTarget(state.folder, ref),
  /** Sets a tag and answers what it points at: the tag object if annotated, else the commit. */
  tag: (name: string, sha: string, { annotated = false, message = name } = {}): Promise<string> =>
    writeTag(state.folder, name, sha, annotated ? message : undefined),
  pushTag: (name: string, options: PushOptions = {}): Promise<Delivery> =>
    push(world, description, state, { ...options, ref: `refs/tags/${name}` }),
  /** Deletes a branch and delivers the `push` that says so. */
  deleteBranch: (name: string, options: PushOptions = {}): Promise<Delivery> =>
    push(world, description, state, { ...options, ref: `refs/heads/${name}`, after: zeros }),
  deleteTag: (name: string, options: PushOptions = {}): Promise<Delivery> =>
    push(world, description, state, { ...options, ref: `refs/tags/${name}`, after: zeros }),
});
