import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import Docker from 'dockerode';
import type { Builder } from './build-request.ts';
import { sshAgent } from './ssh-agent.ts';

/** Docker's own variables; empty ones count as not set. */
export type EngineEnvironment = {
  DOCKER_HOST?: string | undefined;
  DOCKER_CERT_PATH?: string | undefined;
  /** Anything but empty means TLS with the server's certificate verified, as for docker. */
  DOCKER_TLS_VERIFY?: string | undefined;
  /** Where the certificates are without DOCKER_CERT_PATH. */
  DOCKER_CONFIG?: string | undefined;
};

const defaultHost = 'unix:///var/run/docker.sock';

/**
 * The Engine that docker itself would talk to: `unix://`, `tcp://`, `http(s)://` or `ssh://` in
 * DOCKER_HOST; no contexts. Connects to nothing yet. Throws a sentence when an address or a
 * certificate cannot be used. See https://docs.docker.com/reference/cli/docker/#environment-variables.
 */
export function connectEngine(env: EngineEnvironment): Docker {
  return new Docker({ ...untouchedByProcess, ...optionsFor(env) });
}

/**
 * Null when the Engine answers and can build Linux images, else one sentence that says what to do.
 * Never throws, and takes 5 seconds at most.
 */
export async function engineProblem(docker: Docker): Promise<string | null> {
  const address = addressOf(docker);
  try {
    const { headers } = await ping(docker);
    if (headers.ostype && headers.ostype !== 'linux')
      return `The Docker Engine at ${address} builds ${headers.ostype} images only: a Linux Engine is needed`;
    return null;
  } catch (error) {
    return `No Docker Engine answers at ${address}: ${what(error)}`;
  }
}

/**
 * Which builder the Engine has: BuildKit since version 18.09 (API 1.39), never in Podman. Throws
 * what keeps it from answering.
 */
export async function engineBuilder(docker: Docker): Promise<Builder> {
  const { headers } = await ping(docker);
  if (headers['libpod-api-version']) return 'classic';
  const [major = 0, minor = 0] = String(headers['api-version'] ?? '0')
    .split('.')
    .map(Number);
  return major > 1 || (major === 1 && minor >= 39) ? 'buildkit' : 'classic';
}

// docker-modem reads the process' environment for whatever it is not told.
const untouchedByProcess = {
  socketPath: undefined,
  host: undefined,
  port: undefined,
  protocol: undefined,
  username: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
  timeout: undefined,
} as const;

function optionsFor(env: EngineEnvironment): Docker.DockerOptions {
  const given = env.DOCKER_HOST || defaultHost;
  const [, scheme = 'tcp', rest = given] = /^([a-z]+):\/\/(.*)$/i.exec(given) ?? [];
  if (scheme === 'unix') return { socketPath: rest || defaultHost.slice('unix://'.length) };
  const address = `http://${rest.replace(/^(?=:|$)/, 'localhost')}`;
  if (!URL.canParse(address) || !['tcp', 'http', 'https', 'ssh'].includes(scheme))
    throw new Error(
      `DOCKER_HOST is ${given}, and has to be like unix:///path, tcp://host:2375 or ssh://host`,
    );
  const url = new URL(address);
  if (scheme === 'ssh')
    return { protocol: 'http', host: 'docker', agent: sshAgent(url) } as Docker.DockerOptions;
  const isTls = scheme === 'https' || (scheme === 'tcp' && !!env.DOCKER_TLS_VERIFY);
  return {
    protocol: isTls ? 'https' : 'http',
    host: url.hostname,
    port: url.port || (isTls ? 2376 : 2375),
    ...(isTls ? certificates(env) : {}),
  };
}

/** Missing files are left out, as docker does: then the system's authorities, no client key. */
function certificates(env: EngineEnvironment): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  const folder = env.DOCKER_CERT_PATH || env.DOCKER_CONFIG;
  if (!folder) return {};
  const read = (name: string): Buffer | null => {
    const path = join(folder, name);
    try {
      return existsSync(path) ? readFileSync(path) : null;
    } catch (cause) {
      throw new Error(`The certificate ${path} cannot be read`, { cause });
    }
  };
  const [ca, cert, key] = [read('ca.pem'), read('cert.pem'), read('key.pem')];
  if (!ca && env.DOCKER_CERT_PATH)
    throw new Error(`There is no ca.pem in DOCKER_CERT_PATH, ${folder}`);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

async function ping(docker: Docker): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: '/_ping',
        method: 'GET',
        isStream: true,
        abortSignal: AbortSignal.timeout(5000),
        statusCodes: { 200: true, 500: 'server error' },
      },
      (error, response) => {
        if (error) reject(error);
        else resolve((response as IncomingMessage).resume());
      },
    );
  });
}

function addressOf({ modem }: Docker): string {
  const { socketPath, protocol, host, port } = modem as unknown as Record<string, string>;
  if (socketPath) return `unix://${socketPath}`;
  return port ? `${protocol}://${host}:${port}` : 'DOCKER_HOST';
}

function what(error: unknown): string {
  const { code = '', name, message } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError') return 'no word from it within 5 s';
  return known[code] ?? message.trim();
}

const known: Record<string, string> = {
  ENOENT: 'the socket does not exist, so start the Engine or set DOCKER_HOST',
  EACCES: 'permission denied, so run this as a member of the group docker or as root',
  ECONNREFUSED: 'the connection is refused, so start the Engine or set DOCKER_HOST',
  ENOTFOUND: 'the name is not known to the DNS',
  ECONNRESET: 'the connection was closed, as an Engine does that expects TLS (DOCKER_TLS_VERIFY=1)',
};
