import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { freePort } from '../../bin/embedded/free-port.ts';
import { startProcess, untilReady } from '../../bin/embedded/process.ts';
import { type EmbeddedRedis, startRedis } from '../../bin/embedded/redis.ts';

/** What a test stops when it is done. */
type Servers = { url: string; stop: () => Promise<void> };

/** Servers with a user that may not do everything, and what it was refused. */
type Limited = Servers & { refused: () => Promise<string> };

/** A Redis Cluster of three masters, each with a third of the slots and a user made by `command`. */
export async function startCluster(command: readonly string[]): Promise<Limited> {
  const folder = await newFolder();
  const nodes: EmbeddedRedis[] = [];
  for (const name of ['one', 'two', 'three']) {
    const bus = String(await freePort());
    const args = ['--cluster-enabled', 'yes', '--cluster-port', bus];
    nodes.push(await startRedis({ folder: join(folder, name), args }));
  }
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
  await execa('redis-cli', ['--cluster', 'create', ...hosts, '--cluster-yes']);
  const url = `redis+cluster://slipway:password@${hosts.join(',')}`;
  return { url, ...(await limit(nodes, command)), stop: () => stopAll(nodes, folder) };
}

/**
 * A master with a replica and a Sentinel, which acts when the master was silent for a second. The
 * Sentinel has a user made by `command`.
 */
export async function startSentinel(
  command: readonly string[],
): Promise<Servers & { master: EmbeddedRedis }> {
  const folder = await newFolder();
  const master = await startRedis({ folder: join(folder, 'master') });
  const args = ['--replicaof', `127.0.0.1 ${master.port}`];
  const replica = await startRedis({ folder: join(folder, 'replica'), args });
  await until(replica.port, 'replication', 'master_link_status:up');
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  await writeFile(
    file,
    [
      `port ${port}`,
      ...['bind 127.0.0.1', `dir ${folder}`, `user ${command.slice(2).join(' ')}`],
      `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
      ...[
        'sentinel down-after-milliseconds mymaster 1000',
        'sentinel failover-timeout mymaster 5000',
      ],
    ].join('\n'),
  );
  const sentinel = await startProcess({
    ...{ name: 'redis-sentinel', command: 'redis-server', args: [file, '--sentinel'] },
  });
  const knows = () => answers(port, ['INFO', 'sentinel'], 'slaves=1');
  await untilReady(sentinel, knows);
  return {
    url: `redis+sentinel://127.0.0.1:${port}/mymaster/1?sentinelUsername=slipway&sentinelPassword=password`,
    master,
    stop: async () => {
      await sentinel.stop();
      await stopAll([master, replica], folder);
    },
  };
}

/** A Redis that is reached over TLS, and the file of the authority that signed its certificate. */
export async function startTls(): Promise<Servers & { authority: string }> {
  const folder = await newFolder();
  const [key, authority] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const names = ['-subj', '/CN=Redis', '-addext', 'subjectAltName=DNS:localhost'];
  const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', authority];
  await execa('openssl', ['req', ...made, ...names]);
  const port = await freePort();
  const args = ['--tls-port', String(port), '--tls-cert-file', authority, '--tls-key-file', key];
  const more = ['--tls-ca-cert-file', authority, '--tls-auth-clients', 'no'];
  const server = await startRedis({ folder: join(folder, 'redis'), args: [...args, ...more] });
  return {
    url: `rediss://localhost:${port}`,
    authority,
    stop: () => stopAll([server], folder),
  };
}

/** A Redis with a user made by an `ACL` command. */
export async function startWithUser(command: readonly string[]): Promise<Limited> {
  const folder = await newFolder();
  const server = await startRedis({ folder: join(folder, 'redis') });
  return {
    url: `redis://slipway:password@127.0.0.1:${server.port}`,
    ...(await limit([server], command)),
    stop: () => stopAll([server], folder),
  };
}

async function limit(servers: EmbeddedRedis[], command: readonly string[]) {
  const onAll = async (...words: string[]): Promise<string> => {
    const asked = servers.map(({ port }) => execa('redis-cli', ['-p', String(port), ...words]));
    return (await Promise.all(asked)).map(({ stdout }) => stdout).join('');
  };
  const said = await onAll(...command);
  if (!/^(OK)+$/.test(said)) throw new Error(`The user was not made: ${said}`);
  return { refused: () => onAll('ACL', 'LOG') };
}

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'slipway-servers-'));

async function stopAll(servers: EmbeddedRedis[], folder: string): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(folder, { recursive: true });
}

async function until(port: number, section: string, words: string): Promise<void> {
  while (!(await answers(port, ['INFO', section], words))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function answers(port: number, command: string[], words: string): Promise<boolean> {
  const { stdout } = await execa('redis-cli', ['-p', String(port), ...command], { reject: false });
  return stdout.includes(words);
}
