import { mkdir, statfs } from 'node:fs/promises';
import type { DiskName, Room } from '../../queue/workers.ts';

/** So little that a write may find no space at all, in bytes. */
const nothing = 16 * 2 ** 20;

/** How much is free on the file system of a folder, which is made if it is not there. */
export async function roomIn(disk: DiskName, folder: string): Promise<Room> {
  // The Engine's is there, and not for this process to make.
  if (disk === 'data') await mkdir(folder, { recursive: true });
  const { bavail, blocks, bsize } = await statfs(folder);
  return { disk, free: bavail * bsize, total: blocks * bsize };
}

/** Whether less is free than is wanted. */
export const isShort = ({ free }: Room, floor: number): boolean => free < floor;

/** Whether programs that write there are told that no space is left. */
export const isFull = ({ free }: Room): boolean => free < nothing;

/** Which disk it is, in words. */
export const diskInWords: Record<DiskName, string> = {
  data: 'the disk of DATA_DIR',
  engine: 'the disk of the Docker Engine',
};
