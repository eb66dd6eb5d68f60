import { readFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { join } from 'node:path';

/** The socket that Docker's own tools use when DOCKER_HOST is not set. */
export const defaultEngine = 'unix:///var/run/docker.sock';

/** Where `docker` would look for its engine. */
export const engineHost = (env: NodeJS.ProcessEnv): string => env.DOCKER_HOST || defaultEngine;

/** The address of the engine that answers for this environment, or null when none does. */
export const findEngine = async (env: NodeJS.ProcessEnv): Promise<string | null> => {
  const host = engineHost(env);
  return (await answersPing(host, env)) ? host : null;
};

/** Whether a Docker Engine answers at this address (`unix://…`, `tcp://…`, `http(s)://…`). */
export const answersPing = async (
  host: string,
  env: NodeJS.ProcessEnv = {},
  timeout = 5000,
): Promise<boolean> => {
  const options = await connection(host, env).catch(() => null);
  if (!options) return false;
  const request = options.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const asked = request({ ...options, path: '/_ping', timeout }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.end();
  });
};

const connection = async (host: string, env: NodeJS.ProcessEnv): Promise<RequestOptions> => {
  const url = new URL(host);
  if (url.protocol === 'unix:') return { protocol: 'http:', socketPath: url.pathname };
  const { hostname } = url;
  const secure = url.protocol === 'https:' || Boolean(env.DOCKER_TLS_VERIFY);
  if (!secure) return { protocol: 'http:', hostname, port: url.port || 2375 };
  const [ca, cert, key] = await Promise.all(
    ['ca', 'cert', 'key'].map((name) => certificate(env.DOCKER_CERT_PATH, name)),
  );
  return { protocol: 'https:', hostname, port: url.port || 2376, ca, cert, key };
};

const certificate = async (folder: string | undefined, name: string) =>
  folder ? readFile(join(folder, `${name}.pem`)) : undefined;
