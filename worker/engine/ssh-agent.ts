import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex, PassThrough } from 'node:stream';

/**
 * Connections to the Engine of another machine through the ssh program, as docker makes them for
 * `ssh://user@host:port`: ssh's own configuration, keys and known hosts count. (docker-modem's ssh
 * would accept any host key.) The machine needs the docker command. `program` is what to run as ssh.
 */
export function sshAgent(url: URL, program = 'ssh'): Agent {
  const createConnection = (): Duplex => connect(program, argumentsFor(url));
  return Object.assign(new Agent(), { createConnection });
}

function argumentsFor({ username, hostname, port, pathname }: URL): string[] {
  const user = username ? ['-l', decodeURIComponent(username)] : [];
  const socket = pathname.length > 1 ? ['--host', `unix://${pathname}`] : [];
  return [
    ...['-T', '-o', 'ConnectTimeout=30', '-o', 'BatchMode=yes', ...user],
    ...(port ? ['-p', port] : []),
    // What follows is never an option, whatever the host is called.
    ...['--', hostname.replace(/^\[|\]$/g, ''), 'docker', ...socket, 'system', 'dial-stdio'],
  ];
}

function connect(program: string, args: string[]): Duplex {
  const ssh = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const received = new PassThrough();
  const sent = new PassThrough();
  const connection = Duplex.from({ readable: received, writable: sent });
  // The end is told only when it is known why: else all that is seen is a broken pipe.
  ssh.stdout.pipe(received, { end: false });
  sent.pipe(ssh.stdin).on('error', () => {});
  let words = '';
  ssh.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-1000);
  });
  ssh.on('error', (error) => connection.destroy(error));
  ssh.on('close', (code) => {
    if (code) connection.destroy(new Error(`ssh ended with ${code}: ${words.trim()}`));
    else received.end();
  });
  connection.on('close', () => ssh.kill());
  return connection;
}
