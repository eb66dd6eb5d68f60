import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { engineProblem } from './connect.ts';

/**
 * For how long an Engine that was told to end may answer after it broke its builds off, and the
 * pause between two looks, in milliseconds.
 */
const look = { patience: 5_000, pause: 250 };

/** Whether the Engine is away, or goes within 5 seconds: then its builds' errors are its own. */
export async function stopsAnswering(docker: Docker): Promise<boolean> {
  const end = Date.now() + look.patience;
  for (;;) {
    if ((await engineProblem(docker)) !== null) return true;
    if (Date.now() > end) return false;
    await sleep(look.pause);
  }
}
