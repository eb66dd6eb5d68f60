import setup from '../services/setup.ts';
import teardown from '../services/teardown.ts';
import { startSlipway } from '../system/start-slipway.ts';
import { benchSmallImage } from './small-image.ts';
import { benchWebhooks } from './webhooks.ts';

// `npm run bench`: prints figures, asserts nothing. Both sides of a comparison run in turns.
await setup();
const slipway = await startSlipway();
try {
  console.log(await benchSmallImage(slipway));
  for (const process of slipway.processes.workers) process.child.kill('SIGKILL');
  console.log(await benchWebhooks(slipway));
} finally {
  await slipway.stop();
  await teardown();
}
