import { type Finding, good, warning, wrong } from '../../queue/finding.ts';
import { credentialsFor } from '../registry/credentials.ts';
import { registryProblem } from '../registry/reachable.ts';
import type { RegistryAuth } from '../registry/registry-auth.ts';
import { type RegistryClient, registryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { isLoopback, registryHost } from '../registry/registry-host.ts';
import { registryRequest } from '../registry/registry-request.ts';
import { repositoryOf } from '../registry/repository.ts';
import { beginAndCancelUpload } from './upload.ts';

/** Where images go, with whose credentials, and the name of one that may be tried. */
export type RegistryPlace = {
  registry: string;
  /** The folder of Docker's config.json. */
  dockerConfig: string;
  env: NodeJS.ProcessEnv;
  /** `owner/name` of a repository whose image is to be pushed; null where none is known. */
  repository: string | null;
};

const names = { answer: 'Registry', login: 'Registry login', push: 'Registry push' };

/** Whether the registry answers, takes our login and lets an image be pushed; nothing stays there. */
export async function lookAtRegistry(place: RegistryPlace): Promise<Finding[]> {
  const host = registryHost(place.registry);
  const problem = await registryProblem(place.registry, 5_000);
  if (problem !== null) {
    const todo = isLoopback(host)
      ? 'Start it, or set REGISTRY to where images are to go.'
      : 'Look at REGISTRY; with any registry but one on this machine only HTTPS is spoken.';
    return [wrong(names.answer, `${problem}.`, todo)];
  }
  const answers = good(names.answer, `${host} answers.`);
  let auth: RegistryAuth;
  try {
    auth = await credentialsFor(place.registry, place.dockerConfig, place.env);
  } catch (error) {
    const says = `${(error as Error).message}.`;
    return [answers, wrong(names.login, says, `Log in anew: ${loginAt(host, place)}`)];
  }
  const client = registryClient({ credentials: async () => auth });
  const login = await lookAtLogin(client, auth, host, place);
  if (login.state === 'wrong') return [answers, login];
  return [answers, login, await lookAtPush(client, auth, place)];
}

const loginAt = (host: string, { dockerConfig }: RegistryPlace): string =>
  `docker --config ${dockerConfig} login ${host}`;

async function lookAtLogin(
  client: RegistryClient,
  auth: RegistryAuth,
  host: string,
  place: RegistryPlace,
): Promise<Finding> {
  const who = auth.username ? `the user ${auth.username}` : 'the token';
  const isKnown = Object.keys(auth).length > 0;
  const file = `${place.dockerConfig}/config.json`;
  try {
    await ask(client, host);
    return isKnown
      ? good(names.login, `${host} takes ${who} of ${file}.`)
      : good(names.login, `${host} takes anybody; ${file} has no login for it.`);
  } catch (error) {
    const { message, status } = error as RegistryError;
    if (![400, 401, 403].includes(status ?? 0)) return wrong(names.login, `${message}.`, null);
    const says = isKnown
      ? `${host} refuses ${who} of ${file}, by a wrong or expired password as a rule: ${message}.`
      : `${host} wants a login, and ${file} has none for it: ${message}.`;
    return wrong(
      names.login,
      says,
      `Log in as the user that the worker runs as: ${loginAt(host, place)}`,
    );
  }
}

const ask = (client: RegistryClient, host: string): Promise<unknown> =>
  registryRequest(client, { host, path: '/v2/', method: 'GET', headers: {}, scope: '' }, never);

const never = new AbortController().signal;

async function lookAtPush(
  client: RegistryClient,
  auth: RegistryAuth,
  { registry, repository }: RegistryPlace,
): Promise<Finding> {
  const image = `${registry}/${repository ?? 'slipway/doctor'}`.toLowerCase();
  try {
    await beginAndCancelUpload(client, repositoryOf(image));
    return good(names.push, `An upload to ${image} was begun and cancelled.`);
  } catch (error) {
    const { message, status } = error as RegistryError;
    const isRefused = error instanceof RegistryError && [401, 403, 404].includes(status ?? 0);
    if (!isRefused) return wrong(names.push, `${message}.`, null);
    const who = auth.username ? `the user ${auth.username}` : 'nobody in particular';
    const says = `${image} may not be pushed as ${who}: ${message}.`;
    // Many registries let somebody push below some names only, and this one is made up.
    if (repository === null) {
      return warning(names.push, says, 'Try a name you build: npm run doctor -- <owner>/<repo>');
    }
    return wrong(names.push, says, 'Give that user the right to push there, or log in as another.');
  }
}
