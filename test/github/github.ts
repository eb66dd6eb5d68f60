import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installApp } from './app-shape.ts';
import { changes } from './changes.ts';
import { redeliver } from './deliveries.ts';
import { readDescription } from './description.ts';
import type { Fault } from './faults.ts';
import { issueUserToken, personOf } from './people.ts';
import type { CheckRun, Status } from './records.ts';
import {
  announce,
  makeRepository,
  type RepositoryOptions,
  repositoryHandle,
} from './repository.ts';
import { serve } from './server.ts';
import type { Access, Permissions, RepositoryState, World } from './world.ts';

/** How the App is registered. */
export type GitHubOptions = {
  webhookSecret: string;
  /** 4711 unless told. */
  appId?: number;
  /** What every installation grants; what Slipway asks for unless told. */
  permissions?: Permissions;
  /** How long GitHub waits for the answer to a webhook, in milliseconds; 10,000 unless told. */
  deliveryTimeout?: number;
};

const asked: Permissions = {
  checks: 'write',
  contents: 'read',
  issues: 'read',
  metadata: 'read',
  pull_requests: 'read',
  statuses: 'write',
};

/** Picks by repository (a handle or its state) and commit, both optional. */
const at = <T extends { repository: RepositoryState }>(
  all: readonly T[],
  shaOf: (one: T) => string,
  repository?: { id: number },
  sha?: string,
): T[] =>
  all.filter(
    (one) =>
      (repository === undefined || one.repository.id === repository.id) &&
      (sha === undefined || shaOf(one) === sha),
  );

/** The imitation, as `startGitHub` answers it. */
export type GitHub = Awaited<ReturnType<typeof startGitHub>>;

/**
 * Starts an imitation of GitHub on the loopback: its API (below `/api/v3` and without a prefix),
 * its git over HTTP, its webhooks and its sign-in. Every request, answer and webhook is checked
 * against GitHub's own description; whatever does not keep to it is a sentence in `violations`.
 */
export const startGitHub = async (options: GitHubOptions) => {
  const description = readDescription();
  const faults: { fault: Fault; left: number }[] = [];
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const world: World = {
    origin: '',
    appId: options.appId ?? 4711,
    clientId: `Iv23li${randomBytes(7).toString('hex')}`,
    clientSecret: randomBytes(20).toString('hex'),
    privateKey: keys.privateKey,
    publicKey: keys.publicKey,
    webhookSecret: options.webhookSecret,
    permissions: options.permissions ?? asked,
    folder: await mkdtemp(join(tmpdir(), 'slipway-github-')),
    clock: { offset: 0 },
    webhookUrl: null,
    deliveryAgent: new Agent({ keepAlive: true }),
    deliveryTimeout: options.deliveryTimeout ?? 10_000,
    lastId: 1_000_000_000,
    accounts: new Map(),
    installations: [],
    repositories: [],
    people: new Map(),
    installationTokens: new Map(),
    userTokens: new Map(),
    checkRuns: [],
    statuses: [],
    deliveries: [],
    requests: [],
    gitRequests: [],
    largeFileKeys: new Map(),
    violations: [],
    manifestCodes: new Set(),
    manifests: [],
    signIns: new Map(),
    atBrowser: null,
  };
  const server = await serve(world, description, faults);

  return {
    url: world.origin,
    /** For `GHE_HOST`, with `GHE_PROTOCOL=http`. */
    host: new URL(world.origin).host,
    appId: world.appId,
    clientId: world.clientId,
    clientSecret: world.clientSecret,
    /** PEM. */
    privateKey: world.privateKey,
    webhookSecret: world.webhookSecret,
    /** `clock.offset` in milliseconds puts GitHub's clock ahead, so that tokens expire. */
    clock: world.clock,
    deliveries: world.deliveries,
    requests: world.requests,
    gitRequests: world.gitRequests,
    /** What was not as GitHub describes it; a test asserts that it is empty. */
    violations: world.violations,
    /** The manifests that were posted to register the App. */
    manifests: world.manifests,
    get webhookUrl(): string | null {
      return world.webhookUrl;
    },
    set webhookUrl(url: string | null) {
      world.webhookUrl = url;
    },
    install: (login: string, type: 'User' | 'Organization' = 'Organization') =>
      installApp(world, login, type),
    createRepository: async (owner: string, name: string, more: RepositoryOptions = {}) =>
      repositoryHandle(world, description, await makeRepository(world, owner, name, more)),
    /** Delivers any payload; one of an event that GitHub describes is checked unless told. */
    deliver: (...[event, payload, more]: Deliver) =>
      announce(world, description, event, payload, more),
    redeliver: (id: number) => redeliver(world, id),
    /** Check runs as they stand, oldest first. */
    checkRuns: (repository?: { id: number }, sha?: string): CheckRun[] =>
      at(world.checkRuns, ({ headSha }) => headSha, repository, sha),
    statuses: (repository?: { id: number }, sha?: string): Status[] =>
      at(world.statuses, (status) => status.sha, repository, sha),
    /** A person with a fresh token of eight hours. */
    user: (login: string, { access = {} }: { access?: Record<string, Access> } = {}) => {
      const person = personOf(world, login, access);
      const { access_token: token, refresh_token: refreshToken } = issueUserToken(world, person);
      return { login, id: person.account.id, token, refreshToken };
    },
    /** Who the sign-in page takes the browser for; null: it signs nobody in. */
    signInAs: (login: string | null): void => {
      world.atBrowser = login === null ? null : personOf(world, login);
    },
    /** A code for `POST /app-manifests/{code}/conversions`, as the manifest flow would hand out. */
    manifestCode: (): string => {
      const code = randomBytes(20).toString('hex');
      world.manifestCodes.add(code);
      return code;
    },
    /** Makes requests go wrong or wait; answers a function that removes the fault. */
    fault: (fault: Fault): (() => void) => {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      faults.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    ...changes(world, description),
    /** Ends every connection and removes the repositories. */
    close: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      world.deliveryAgent.destroy();
      await closed;
      await rm(world.folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
};

type Deliver = Parameters<typeof announce> extends [unknown, unknown, ...infer Rest] ? Rest : never;
