import { sizeInWords } from '../../queue/text.ts';
import type { Room } from '../../queue/workers.ts';
import { diskInWords, isFull, isShort } from '../disk/room.ts';
import type { WorkerDisk } from '../disk/worker-disk.ts';
import { BuildFailed } from '../engine/build-errors.ts';
import { PushInterrupted, PushRefused } from '../engine/push-errors.ts';
import { RegistryError } from '../registry/registry-error.ts';

/** Looks at the disks while an attempt runs. */
export type RoomWatch = {
  /** The least that was free on each. */
  lowest(): Promise<Room[]>;
  end(): void;
};

/** How often the disks are looked at, in milliseconds: what a failed RUN wrote is gone at once. */
const interval = 200;

/** Begins to look, and goes on until it is ended. */
export function watchRoom(disk: Pick<WorkerDisk, 'measure'>): RoomWatch {
  const lowest = new Map<Room['disk'], Room>();
  const look = async (): Promise<void> => {
    for (const room of await disk.measure().catch(() => [])) {
      const before = lowest.get(room.disk);
      if (!before || room.free < before.free) lowest.set(room.disk, room);
    }
  };
  const timer = setInterval(look, interval);
  return {
    lowest: async () => {
      await look();
      return [...lowest.values()];
    },
    end: () => clearInterval(timer),
  };
}

/**
 * Which disk an attempt failed for, in a sentence, since it ran full; null where none did or the
 * error is of something else. The words of a command are believed only if the disk was below the
 * floor meanwhile, since a command may have filled a file system of its own; if it was full, a
 * command that fails need not say a word.
 */
export function ranFull(
  error: unknown,
  lowest: Room[],
  { floor, worker }: { floor: number; worker: string },
): string | null {
  if ([PushRefused, PushInterrupted, RegistryError].some((kind) => error instanceof kind))
    return null;
  const [least] = lowest
    .filter((room) => isShort(room, floor) || isFull(room))
    .sort((a, b) => a.free - b.free);
  if (!least) return null;
  const isCommand = error instanceof BuildFailed && error.exitCode !== null;
  if (!speaksOfSpace(error) && !(isCommand && isFull(least))) return null;
  const [free, total] = [least.free, least.total].map(sizeInWords);
  return `${diskInWords[least.disk].replace('the', 'The')} of worker ${worker} ran full (${free} free of ${total}); free space there, or use a larger disk.`;
}

/** Whether an error, or what caused it, is that no space was left. */
function speaksOfSpace(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, printed = '', lastLines = [] } = error as Partial<Said> & Error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  const said = [error.message, printed, ...lastLines].join('\n');
  return noSpace.test(said) || speaksOfSpace(error.cause);
}

type Said = { code: string; printed: string; lastLines: string[] };

const noSpace = /no space left|\bENOSPC\b|quota exceeded|(disk|device) (is )?full/i;
