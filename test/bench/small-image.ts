import type { Slipway } from '../system/start-slipway.ts';
import { sideBySide } from './side-by-side.ts';

/** A small repository whose one changed file makes two new layers, with warm caches. */
export async function benchSmallImage(slipway: Slipway): Promise<string> {
  const dockerfile = 'FROM slipway-test/base:1\nCOPY run.txt /\nRUN cat /run.txt\n';
  return sideBySide(slipway, 'small image, warm', {
    repo: await slipway.github.createRepository('bench', 'small'),
    change: (run) => ({ Dockerfile: dockerfile, 'run.txt': run }),
    ...{ runs: 9, warmUps: 2 },
  });
}
