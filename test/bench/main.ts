import setup from '../services/setup.ts';
import teardown from '../services/teardown.ts';
import { type Slipway, startSlipway } from '../system/start-slipway.ts';
import { benchColdImage } from './cold-image.ts';
import { benchIdleMemory, benchRedisBytes, benchWaitingBytes } from './footprint.ts';
import { benchIdentical } from './identical.ts';
import { benchLargeImage } from './large-image.ts';
import { benchLogLatency } from './log-latency.ts';
import { benchLogLoad } from './log-load.ts';
import { benchLongLogPage } from './long-log-page.ts';
import { benchSecondEngine } from './second-engine.ts';
import { benchSmallImage } from './small-image.ts';
import { benchWebhooks } from './webhooks.ts';
import { benchWorkerKilled } from './worker-killed.ts';

/** In the order they run; each has a Slipway of its own, so that none inherits another's load. */
const benches: Record<string, (slipway: Slipway) => Promise<string>> = {
  memory: benchIdleMemory,
  small: benchSmallImage,
  large: benchLargeImage,
  identical: benchIdentical,
  cold: benchColdImage,
  second: benchSecondEngine,
  log: benchLogLatency,
  'log-load': benchLogLoad,
  page: benchLongLogPage,
  redis: benchRedisBytes,
  waiting: benchWaitingBytes,
  killed: benchWorkerKilled,
  webhooks: benchWebhooks,
};

// `npm run bench`, or `npm run bench -- small log` for some: prints figures, asserts nothing.
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`No bench is called ${unknown}; there are ${Object.keys(benches).join(', ')}.`);
  process.exit(64);
}
await setup();
try {
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const slipway = await startSlipway({ workers: name === 'webhooks' ? 0 : 1 });
    try {
      console.log(await bench(slipway));
    } finally {
      await slipway.stop();
    }
  }
} finally {
  await teardown();
}
