import type { Slipway } from '../system/start-slipway.ts';
import { largeRepository } from './large-repository.ts';
import { sideBySide } from './side-by-side.ts';

/** As the small image, of a large repository of which each commit changes one file. */
export async function benchLargeImage(slipway: Slipway): Promise<string> {
  return sideBySide(slipway, '50 MB in 5,000 files, one changed', {
    repo: await largeRepository(slipway, 'large'),
    change: (run) => ({ 'run.txt': run }),
    ...{ runs: 5, warmUps: 1 },
  });
}
