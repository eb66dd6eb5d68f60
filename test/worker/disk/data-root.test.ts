import { dirname } from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { askEngine } from '../../../worker/engine/engine-facts.ts';
import { whyNoMounts } from '../../services/small-disk.ts';
import { docker } from '../engine/real-engine.ts';

const why = await whyNoMounts();
if (why) console.warn(`An unseen disk is not tested. ${why}`);

test('the folder of an Engine on this machine is found', async () => {
  const { DockerRootDir } = await docker.info();
  expect((await askEngine(docker)()).dataRoot).toBe(DockerRootDir);
});

(why ? test.skip : test)(
  'a folder of the same name without the Engine’s data is not it',
  async () => {
    const { DockerRootDir } = await docker.info();
    // As in a container that was given the socket: the same Engine, another file system at its path.
    const script = `
    import { connectEngine } from '${import.meta.resolve('../../../worker/engine/connect.js')}';
    import { askEngine } from '${import.meta.resolve('../../../worker/engine/engine-facts.js')}';
    console.log((await askEngine(connectEngine(process.env))()).dataRoot);`;
    const hide = 'mount -t tmpfs none "$1" && mkdir "$2" && shift 2 && exec "$@"';
    const node = [process.execPath, '--input-type=module', '--eval', script];
    const { stdout } = await execa(
      'unshare',
      ['--mount', 'sh', '-c', hide, 'sh', dirname(DockerRootDir), DockerRootDir, ...node],
      { env: { DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST } },
    );
    expect(stdout).toBe('null');
  },
);
