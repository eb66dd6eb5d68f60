import type { Probot } from 'probot';
import type { Attempt, DeliveryLog } from '../catch-up/delivery-log.ts';
import { once, pagesOf } from './pages.ts';

/** GitHub's list of deliveries, read as the App; `spend` is called before each request. */
export function gitHubDeliveryLog(probot: Probot, spend: () => Promise<void>): DeliveryLog {
  return {
    async attempts(sinceAt) {
      const octokit = await probot.auth();
      // Its filter for failures leaves out what could not connect, so everything is listed.
      const list = octokit.rest.apps.listWebhookDeliveries;
      const pages = octokit.paginate.iterator(list, { per_page: 100, ...once });
      const attempts: Attempt[] = [];
      let asOf: number | undefined;
      for await (const page of pagesOf(pages, spend)) {
        asOf ??= Date.parse(page.headers.date ?? '') || Date.now();
        const since = sinceAt(asOf);
        const listed = page.data.map(attemptOf);
        attempts.push(...listed.filter(({ deliveredAt }) => deliveredAt >= since));
        if (listed.some(({ deliveredAt }) => deliveredAt < since)) break;
      }
      return { attempts, asOf: asOf ?? Date.now() };
    },

    async payload(delivery_id) {
      await spend();
      const octokit = await probot.auth();
      return orGone(async () => {
        const { data } = await octokit.rest.apps.getWebhookDelivery({ delivery_id, ...once });
        return data.request.payload;
      }, null);
    },

    async sendAgain(delivery_id) {
      await spend();
      const octokit = await probot.auth();
      return orGone(async () => {
        await octokit.rest.apps.redeliverWebhookDelivery({ delivery_id, ...once });
        return true;
      }, false);
    },
  };
}

type Listed = {
  id: number;
  guid: string;
  event: string;
  action: string | null;
  status_code: number;
  delivered_at: string;
};

const attemptOf = ({ id, guid, event, action, status_code, delivered_at }: Listed): Attempt => ({
  ...{ id, guid, event, action, code: status_code },
  deliveredAt: Date.parse(delivered_at),
});

async function orGone<T, Gone>(ask: () => Promise<T>, gone: Gone): Promise<T | Gone> {
  try {
    return await ask();
  } catch (error) {
    const { status = 0 } = error as { status?: number };
    if ([400, 404, 410, 422].includes(status)) return gone;
    throw error;
  }
}
