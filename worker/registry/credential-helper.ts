import { execa } from 'execa';
import type { RegistryAuth } from './registry-auth.ts';

/** How long a helper may take: some ask a cloud for a token first. */
const patience = 20_000;

/**
 * Asks `docker-credential-<name>` for a server's credentials; `{}` when it has none. Throws when
 * the helper is missing, fails or answers something else; see
 * https://github.com/docker/docker-credential-helpers#development.
 */
export async function askCredentialHelper(
  name: string,
  serveraddress: string,
  env: NodeJS.ProcessEnv,
): Promise<RegistryAuth> {
  if (!/^[\w.-]+$/.test(name)) throw new Error(`${name} cannot be a credential helper's name`);
  const program = `docker-credential-${name}`;
  const run = await execa(program, ['get'], {
    input: serveraddress,
    env,
    extendEnv: false,
    timeout: patience,
    maxBuffer: 1024 * 1024,
    reject: false,
  });
  if (!run.failed) return read(run.stdout, program, serveraddress);
  // By its protocol a helper reports errors on stdout.
  const words = (run.stdout || run.stderr || '').slice(0, 200).split('\n')[0]!.trim();
  if (/credentials not found/i.test(words)) return {};
  if (run.timedOut)
    throw new Error(`The credential helper ${program} did not answer in ${patience / 1000} s`);
  if (run.code === 'ENOENT')
    throw new Error(`The credential helper ${program} is not installed (not found on the PATH)`);
  const how = run.exitCode === undefined ? 'could not run' : `ended with exit code ${run.exitCode}`;
  // What looks like an answer is not quoted: it would hold the secret.
  const quote = words && !/secret/i.test(words) ? `: ${words}` : '';
  throw new Error(`The credential helper ${program} ${how}${quote}`);
}

function read(stdout: string, program: string, serveraddress: string): RegistryAuth {
  const { Username, Secret } = parsed(stdout);
  if (typeof Username !== 'string' || typeof Secret !== 'string')
    throw new Error(`The credential helper ${program} did not answer with Username and Secret`);
  if (Username === '<token>') return { identitytoken: Secret, serveraddress };
  return { username: Username, password: Secret, serveraddress };
}

function parsed(stdout: string): { Username?: unknown; Secret?: unknown } {
  try {
    const answer: unknown = JSON.parse(stdout);
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch {
    // The parser's message would quote the secret.
    return {};
  }
}
