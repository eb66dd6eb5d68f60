import type { Logger } from 'pino';
import { sizeInWords } from '../../queue/text.ts';
import type { DiskReport, PrunedKind, Room } from '../../queue/workers.ts';
import { type PruneDeps, prune, tidy } from './prune.ts';
import { diskInWords, isShort, roomIn } from './room.ts';

/** The disks that a worker's builds need, as far as it can see them. */
export type WorkerDisk = {
  /** How much is free now, without asking the Engine. Throws what keeps it from being told. */
  measure(): Promise<Room[]>;
  /**
   * Null if as much is free as is wanted, after pruning where it was not; else a sentence that says
   * what to do. Never throws.
   */
  problem(): Promise<string | null>;
  /** What web is told. */
  report(): DiskReport;
  /** Ends what goes on in the background. */
  stop(): void;
};

/** What it needs, and where it says what it freed. */
export type DiskDeps = Omit<PruneDeps, 'measure' | 'onFreed'> & { log: Logger };

/** How often what is dead is looked for, in milliseconds. */
const tidying = 60_000;

/** How long it waits before it prunes again when pruning was not enough, in milliseconds. */
const pause = 10_000;

/** Watches over the disks, and prunes from now on in the background as well. */
export function watchDisk(deps: DiskDeps): WorkerDisk {
  const { engine, config, log } = deps;
  const { DATA_DIR: dataDir, DISK_FLOOR: floor } = config;
  const pruned: Record<PrunedKind, number> = { cache: 0, images: 0, mirrors: 0, folders: 0 };
  let rooms: Room[] = [];
  let dataRoot: string | null = null;
  let pruning: Promise<void> | null = null;
  let pruneAfter = 0;
  const measure = async (): Promise<Room[]> => {
    const own = await roomIn('data', dataDir);
    const its = dataRoot === null ? null : await roomIn('engine', dataRoot).catch(() => null);
    rooms = its === null ? [own] : [own, its];
    return rooms;
  };
  const onFreed = (kind: PrunedKind, bytes: number): void => {
    pruned[kind] += bytes;
    if (bytes > 0) log.info({ kind, bytes }, `Pruned ${kind}: ${sizeInWords(bytes)} freed`);
  };
  const pruneDeps: PruneDeps = { ...deps, measure, onFreed };
  const pruneOnce = async (): Promise<void> => {
    if (Date.now() < pruneAfter) return;
    await prune(pruneDeps).catch((err: Error) => log.warn({ err }, 'Pruning broke off'));
    pruneAfter = Date.now() + pause;
  };
  const keepTidy = () =>
    tidy(pruneDeps).catch((err: Error) => log.debug({ err }, 'Nothing was tidied'));
  const timer = setInterval(keepTidy, tidying);
  void keepTidy();

  return {
    measure,
    async problem() {
      try {
        // An Engine that is away is told of elsewhere.
        dataRoot = await engine().then(
          (facts) => facts.dataRoot,
          () => dataRoot,
        );
        if (!(await measure()).some((room) => isShort(room, floor))) return null;
        pruning ??= pruneOnce().finally(() => {
          pruning = null;
        });
        await pruning;
        const short = (await measure()).find((room) => isShort(room, floor));
        return short ? sentence(short, floor) : null;
      } catch (error) {
        return `The folder DATA_DIR, ${dataDir}, cannot be used: ${(error as Error).message}`;
      }
    },
    report: () => ({ rooms, floor, pruned: { ...pruned } }),
    stop: () => clearInterval(timer),
  };
}

function sentence({ disk, free, total }: Room, floor: number): string {
  const [has, wants] = [free, floor].map(sizeInWords);
  const where = diskInWords[disk].replace('the', 'The');
  return `${where} has ${has} free of ${sizeInWords(total)}, and ${wants} are wanted (DISK_FLOOR): free space there, or lower DISK_FLOOR`;
}
