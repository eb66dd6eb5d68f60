import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BuildFailed } from '../../../worker/engine/build-errors.ts';
import { until } from '../../system/until.ts';
import { importBase, removeImages, tryBuild, uniqueName } from './real-engine.ts';

const run = promisify(execFile);
const agents: ChildProcess[] = [];
const made: string[] = [];
let folder: string;
let base: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-ssh-'));
  base = await importBase(['ssh-add']);
  made.push(base);
  await startAgent('default');
  await startAgent('other');
});
afterAll(async () => {
  for (const agent of agents) agent.kill('SIGKILL');
  await removeImages(made);
  await rm(folder, { recursive: true });
});

const socketOf = (id: string): string => join(folder, `${id}.sock`);

/** A real agent with one fresh key, whose comment is its id. */
async function startAgent(id: string): Promise<void> {
  agents.push(spawn('ssh-agent', ['-D', '-a', socketOf(id)], { stdio: 'ignore' }));
  await until('the agent listens', () => existsSync(socketOf(id)));
  const key = join(folder, id);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `key of ${id}`, '-f', key]);
  await run('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socketOf(id) } });
}

/** Builds with the agents of these ids a Dockerfile that nobody has in a cache. */
async function build(instructions: string, ids: string[]) {
  const dockerfile = `FROM ${base}\nENV ONLY=${uniqueName('x')}\n${instructions}\n`;
  const built = await tryBuild(dockerfile, {
    sshAgents: new Map(ids.map((id) => [id, socketOf(id)])),
  });
  if (built.image) made.push(built.tag);
  const outputs = built.texts.flatMap((text) => /^#\d+ \d+\.\d{3} (.*)$/.exec(text)?.[1] ?? []);
  return { ...built, outputs };
}

const list = 'echo at $SSH_AUTH_SOCK; ssh-add -l';

describe('RUN --mount=type=ssh', () => {
  test('talks to the agent, whose key signs', async () => {
    const key = (await readFile(join(folder, 'default.pub'), 'utf8')).trim();
    const sign = `echo '${key}' > /tmp-key; ssh-add -T /tmp-key && echo signed`;
    const { error, outputs } = await build(`RUN --mount=type=ssh ${list}; ${sign}`, ['default']);
    expect(error).toBeUndefined();
    expect(outputs[0]).toBe('at /run/buildkit/ssh_agent.0');
    expect(outputs[1]).toMatch(/^256 SHA256:\S+ key of default \(ED25519\)$/);
    expect(outputs).toContain('signed');
  });

  test('talks to the one it names of several', async () => {
    const both = [`RUN --mount=type=ssh,id=other ${list}`, `RUN --mount=type=ssh ${list}`];
    const { error, outputs } = await build(both.join('\n'), ['default', 'other']);
    expect(error).toBeUndefined();
    expect(outputs.map((line) => /key of \w+/.exec(line)?.[0]).filter(Boolean)).toEqual([
      'key of other',
      'key of default',
    ]);
  });

  test('is the repository’s fault where no agent of that id is the rule’s', async () => {
    for (const ids of [[], ['other']]) {
      const required = await build(`RUN --mount=type=ssh,required=true ${list}`, ids);
      expect(required.error).toBeInstanceOf(BuildFailed);
    }
    const { error, outputs } = await build(`RUN --mount=type=ssh ${list}`, ['other']);
    expect(error).toBeInstanceOf(BuildFailed);
    expect(outputs.join('\n')).not.toContain('key of');
  });

  test('is nothing that a RUN without it has', async () => {
    const { error, outputs } = await build(`RUN ${list}`, ['default']);
    expect(error).toBeInstanceOf(BuildFailed);
    expect(outputs[0]).toBe('at');
  });
});

test('the classic builder has no ssh and says so', async () => {
  const { error } = await tryBuild(`FROM ${base}\n`, {
    ...{ builder: 'classic', sshAgents: new Map([['default', socketOf('default')]]) },
  });
  expect(error).toBeInstanceOf(BuildFailed);
  expect((error as Error).message).toContain('no BuildKit');
});
