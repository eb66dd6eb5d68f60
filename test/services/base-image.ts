import { chmod, copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { execa } from 'execa';
import { type Pack, pack } from 'tar-fs';

/** The image that test Dockerfiles start from; it lies in the test engine. */
export const baseImage = 'slipway-test/base:1';

/** The same image's name in the test registry, without the registry's host. */
export const baseInRegistry = 'base/busybox:1';

/** Makes the image in an engine and pushes it to a registry. */
export const makeBaseImage = async (docker: Docker, registry: string, folder: string) => {
  await importBaseImage(docker, folder);
  const [repository, tag] = baseInRegistry.split(':');
  const repo = `${registry}/${repository}`;
  await docker.getImage(baseImage).tag({ repo, tag });
  await finished(docker, await docker.getImage(repo).push({ tag, authconfig: {} }));
};

/**
 * Makes the smallest image in which a Dockerfile's RUN works, from busybox: tests reach no registry
 * outside. `folder` is used for its files and removed.
 */
export const importBaseImage = async (docker: Docker, folder: string): Promise<void> => {
  await layOut(folder);
  await finished(docker, await importImage(docker, pack(folder)));
  await rm(folder, { recursive: true });
};

const layOut = async (folder: string): Promise<void> => {
  for (const name of ['bin', 'etc', 'root', 'tmp']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await copyFile('/bin/busybox', join(folder, 'bin/busybox'));
  const { stdout } = await execa('/bin/busybox', ['--list']);
  const names = stdout.split('\n').filter((name) => name !== 'busybox');
  await Promise.all(names.map((name) => symlink('busybox', join(folder, 'bin', name))));
  await chmod(join(folder, 'tmp'), 0o1777);
  await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\n');
};

const importImage = (docker: Docker, tar: Pack): Promise<NodeJS.ReadableStream> => {
  const [repo, tag] = baseImage.split(':');
  const changes = ['ENV PATH=/bin', 'CMD ["/bin/sh"]'];
  // dockerode takes a stream as well as a path; its types know only the path.
  return docker.importImage(tar as unknown as string, { repo, tag, changes });
};

// The engine answers 200 before it begins; the last event says whether it worked.
const finished = (docker: Docker, stream: NodeJS.ReadableStream): Promise<void> =>
  new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, events: { error?: string }[]) => {
      const failed = events?.find((event) => event.error)?.error;
      if (error || failed) reject(error ?? new Error(failed));
      else resolve();
    });
  });
