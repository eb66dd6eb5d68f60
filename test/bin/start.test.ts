import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { processesMarked } from '../../bin/embedded/stale.ts';
import { appEnvironment, runStart, type StartRun } from './npm-start.ts';

const runs = 'Ctrl-C stops it';

describe('npm start', () => {
  let folder: string;
  let run: StartRun;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-start-'));
  });

  afterEach(async () => {
    await run.process.stop();
    await rm(folder, { recursive: true });
  });

  test('says what it started and what it found, and stops what it started', async () => {
    run = await runStart(appEnvironment(folder));
    await run.until(runs);
    expect(run.output()).toMatch(/Redis +started at redis:\/\/127\.0\.0\.1:\d+/);
    expect(run.output()).toMatch(/Registry +started at localhost:\d+/);
    expect(run.output()).toContain(`the running one at ${process.env.SLIPWAY_TEST_DOCKER_HOST}`);
    const page = await fetch(/Its pages: (\S+)/.exec(run.output())![1]!);
    expect(page.status).toBe(200);
    run.process.kill('SIGTERM');
    expect(await run.process.ended).toBe('exit code 0');
    expect(await processesMarked(folder)).toEqual([]);
  });

  test('is killed: its children end, and the next start goes on in the same folder', async () => {
    run = await runStart(appEnvironment(folder));
    await run.until(runs);
    const registry = /Registry .*/.exec(run.output())![0];
    run.process.kill('SIGKILL');
    await run.process.ended;
    run = await runStart(appEnvironment(folder));
    await run.until(runs);
    expect(run.output()).toContain(registry);
  });

  test('refuses a folder that another start uses', async () => {
    run = await runStart(appEnvironment(folder));
    await run.until(runs);
    const second = await runStart(appEnvironment(folder));
    expect(await second.process.ended).toBe('exit code 1');
    expect(second.output()).toContain(`Process ${run.process.pid} runs Slipway with`);
    expect(await processesMarked(join(folder, 'redis'))).toHaveLength(1);
  });

  test('stops everything when one part dies, and says which', async () => {
    run = await runStart(appEnvironment(folder));
    await run.until(runs);
    process.kill((await processesMarked(join(folder, 'redis')))[0]!, 'SIGKILL');
    expect(await run.process.ended).toBe('exit code 1');
    expect(run.output()).toContain('redis-server ended by itself with signal SIGKILL');
    expect(await processesMarked(folder)).toEqual([]);
  });

  test('says what is wrong with the environment, and leaves nothing running', async () => {
    run = await runStart({ ...appEnvironment(folder), WEBHOOK_SECRET: '' });
    expect(await run.process.ended).toBe('exit code 78');
    expect(run.output()).toContain('WEBHOOK_SECRET is missing');
    expect(await processesMarked(folder)).toEqual([]);
  });

  test('takes a Ctrl-C that arrives twice, from the terminal and from npm, for one', async () => {
    run = await runStart(appEnvironment(folder));
    await run.until(runs);
    run.process.kill('SIGINT');
    await sleep(50);
    run.process.kill('SIGINT');
    expect(await run.process.ended).toBe('exit code 0');
  });

  test('names the mistake when DOCKER_HOST does not answer', async () => {
    run = await runStart({ ...appEnvironment(folder), DOCKER_HOST: 'unix:///nobody.sock' });
    expect(await run.process.ended).toBe('exit code 1');
    expect(run.output()).toContain('No Docker Engine answers at unix:///nobody.sock');
  });
});
