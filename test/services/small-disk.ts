import { mkdir, mkdtemp, readFile, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** A real file system of its own that can run full. */
export type SmallDisk = {
  folder: string;
  free(): Promise<number>;
  /** Takes so much of it that no more than `bytes` are free; 0 gives all of it back. */
  leaveFree(bytes: number): Promise<void>;
  remove(): Promise<void>;
};

/** Null where this machine lets us mount an image as a file system; else why it does not. */
export async function whyNoMounts(): Promise<string | null> {
  try {
    await (await smallDisk(8 * 2 ** 20)).remove();
    return null;
  } catch (error) {
    return `No file system can be mounted here, as it can by root: ${(error as Error).message}`;
  }
}

/** Makes an ext4 file system of so many bytes in a file, and mounts it. */
export async function smallDisk(bytes: number): Promise<SmallDisk> {
  const parent = await mkdtemp(join(tmpdir(), 'slipway-disk-'));
  const folder = join(parent, 'mounted');
  const image = join(parent, 'image');
  const remove = async (): Promise<void> => {
    const isMounted = (await readFile('/proc/self/mountinfo', 'utf8')).includes(` ${folder} `);
    // Lazily: what still has a file open there must not keep it for ever.
    if (isMounted) await execa('umount', ['--lazy', folder]);
    await rm(parent, { recursive: true, force: true });
  };
  try {
    await mkdir(folder);
    await writeFile(image, '');
    await truncate(image, bytes);
    // Nothing is kept for root, whom a worker may well run as.
    await execa('mkfs.ext4', ['-q', '-F', '-m', '0', image]);
    await execa('mount', ['--options', 'loop', image, folder]);
  } catch (error) {
    await remove();
    throw error;
  }
  const free = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  };
  const ballast = join(folder, 'ballast');
  return {
    ...{ folder, free, remove },
    leaveFree: async (wanted) => {
      await rm(ballast, { force: true });
      const weight = wanted > 0 ? Math.floor((await free()) - wanted) : 0;
      if (weight > 0) await execa('fallocate', ['--length', String(weight), ballast]);
    },
  };
}
