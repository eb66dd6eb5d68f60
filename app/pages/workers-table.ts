import { html } from 'hono/html';
import { sizeInWords } from '../../queue/text.ts';
import type { Room, WorkerPresence } from '../../queue/workers.ts';
import type { Html } from './layout.ts';
import { table } from './table.ts';

/** The workers that are there: how much each does, whether it takes builds, what is free on its disks. */
export const workersTable = (workers: WorkerPresence[]): Html =>
  workers.length === 0
    ? html`<p role="note" class="nothing failed">No worker is there: nothing is built until one is started and reaches
        Redis.</p>`
    : table(
        'Workers',
        ['Worker', 'Builds', 'State', 'Disks'],
        workers.map(({ name, running, concurrency, problem, disk }) => [
          name,
          load(running, concurrency),
          problem === null
            ? html`<span class="state succeeded">takes builds</span>`
            : html`<span class="state failed">takes none</span> ${problem}`,
          disk.rooms.map(roomText).join('; ') || 'not known yet',
        ]),
      );

const load = (running: number, concurrency: number): Html => html`<meter
  aria-label="${running} of ${concurrency} at once" max="${concurrency}" value="${running}"></meter>
  ${running} of ${concurrency}`;

const roomText = ({ disk, free, total }: Room): string =>
  `${disk}: ${sizeInWords(free)} free of ${sizeInWords(total)}`;
