import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../bin/embedded/free-port.ts';
import { startProcess, untilReady } from '../../bin/embedded/process.ts';

/** The same by Debian's `webhook`, which runs a script for each call. */
export type Webhook = {
  /** Calls it for a branch of a repository; answered when the script has pushed every tag. */
  build: (repository: string, branch: string) => Promise<void>;
  stop: () => Promise<void>;
};

const script = `#!/bin/sh
set -eu
folder=$(mktemp -d)
git clone -q --depth 1 -b "$2" "$1" "$folder"
/usr/bin/docker build -q -t "$IMAGE:sha" -t "$IMAGE:main" -t "$IMAGE:latest" "$folder"
for tag in sha main latest; do /usr/bin/docker push -q "$IMAGE:$tag"; done
rm -rf "$folder"
`;

/** Starts `webhook` (https://github.com/adnanh/webhook) with a script that clones, builds and pushes. */
export async function startWebhook(): Promise<Webhook> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-webhook-'));
  const command = join(folder, 'build.sh');
  await writeFile(command, script, { mode: 0o755 });
  const hooks = [
    {
      id: 'build',
      'execute-command': command,
      'include-command-output-in-response': true,
      'pass-arguments-to-command': [
        { source: 'payload', name: 'repository' },
        { source: 'payload', name: 'branch' },
      ],
    },
  ];
  await writeFile(join(folder, 'hooks.json'), JSON.stringify(hooks));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = await startProcess({
    name: 'webhook',
    command: 'webhook',
    args: ['-hooks', join(folder, 'hooks.json'), '-ip', '127.0.0.1', '-port', String(port)],
    pidFile: join(folder, 'webhook.pid'),
    env: {
      PATH: process.env.PATH,
      IMAGE: `${process.env.SLIPWAY_TEST_REGISTRY}/bench/by-webhook`,
      DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST ?? '',
      DOCKER_BUILDKIT: '1',
    },
  });
  await untilReady(child, async () => (await fetch(url).catch(() => null)) !== null);
  return {
    async build(repository, branch) {
      const answer = await fetch(`${url}/hooks/build`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ repository, branch }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`webhook answers ${answer.status}: ${text}`);
    },
    async stop() {
      await child.stop();
      await rm(folder, { recursive: true });
    },
  };
}
