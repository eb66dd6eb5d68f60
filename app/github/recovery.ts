import type { Probot } from 'probot';
import type { Store } from '../../queue/build-store.ts';
import { spendCall } from '../../queue/calls.ts';
import type { Recovery } from '../web-deps.ts';
import { gitHubDeliveryLog } from './delivery-log.ts';
import { gitHubInstalled } from './installed.ts';

/** What GitHub is asked after pushes that did not arrive, at most `budget` calls an hour for each. */
export function gitHubRecovery(probot: Probot, store: Store, budget: number): Recovery {
  return {
    installed: gitHubInstalled(probot, () => spendCall(store, 'sweep', budget)),
    catchUp: {
      deliveries: gitHubDeliveryLog(probot, () => spendCall(store, 'catch-up', budget)),
      budget,
    },
  };
}
