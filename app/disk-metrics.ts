import type { WorkerPresence } from '../queue/workers.ts';

/** What the workers that are there say of their disks, in Prometheus's text format. */
export function diskMetrics(workers: WorkerPresence[]): string[] {
  const free = workers.flatMap(({ name, disk }) =>
    disk.rooms.map((room) => `{worker="${name}",disk="${room.disk}"} ${room.free}`),
  );
  const floors = workers.map(({ name, disk }) => `{worker="${name}"} ${disk.floor}`);
  const pruned = workers.flatMap(({ name, disk }) =>
    Object.entries(disk.pruned).map(([kind, sum]) => `{worker="${name}",kind="${kind}"} ${sum}`),
  );
  return [
    '# HELP slipway_disk_free_bytes Free on a worker’s disk: of its own folder, of its Engine.',
    '# TYPE slipway_disk_free_bytes gauge',
    ...free.map((sample) => `slipway_disk_free_bytes${sample}`),
    '# HELP slipway_disk_floor_bytes What has to be free for a worker to take builds.',
    '# TYPE slipway_disk_floor_bytes gauge',
    ...floors.map((sample) => `slipway_disk_floor_bytes${sample}`),
    '# HELP slipway_pruned_bytes_total What a worker has freed since it started, by kind.',
    '# TYPE slipway_pruned_bytes_total counter',
    ...pruned.map((sample) => `slipway_pruned_bytes_total${sample}`),
  ];
}
