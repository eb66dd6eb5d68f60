import { join } from 'node:path';
import Docker from 'dockerode';
import { startEngine } from '../../bin/embedded/engine.ts';
import { startRedis } from '../../bin/embedded/redis.ts';
import { startRegistry } from '../../bin/embedded/registry.ts';
import { makeBaseImage } from './base-image.ts';
import { clearAbandoned, clearServices, makeServicesFolder } from './folder.ts';

/**
 * Before all tests: one Redis, one registry and one engine for the run, told to the tests through
 * the environment. A developer who set SLIPWAY_TEST_DOCKER_HOST and the others keeps theirs.
 */
export default async (): Promise<void> => {
  const { env } = process;
  if (env.SLIPWAY_TEST_REDIS_URL && env.SLIPWAY_TEST_REGISTRY && env.SLIPWAY_TEST_DOCKER_HOST) {
    return;
  }
  await clearAbandoned();
  const folder = await makeServicesFolder();
  try {
    const [redis, registry, engine] = await Promise.all([
      startRedis({ folder: join(folder, 'redis') }),
      startRegistry({ folder: join(folder, 'registry') }),
      startEngine({ folder: join(folder, 'engine') }),
    ]);
    const docker = new Docker({ socketPath: new URL(engine.host).pathname });
    await makeBaseImage(docker, registry.host, join(folder, 'base'));
    env.SLIPWAY_TEST_REDIS_URL = redis.url;
    env.SLIPWAY_TEST_REGISTRY = registry.host;
    env.SLIPWAY_TEST_DOCKER_HOST = engine.host;
    env.SLIPWAY_TEST_FOLDER = folder;
  } catch (error) {
    await clearServices(folder);
    throw error;
  }
};
