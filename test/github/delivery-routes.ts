import { apiUrl } from './account-shape.ts';
import { redeliver } from './deliveries.ts';
import { deliveryItem, deliveryShape } from './delivery-shape.ts';
import type { Delivery } from './records.ts';
import { notFound } from './refusal.ts';
import type { Call, Route } from './route.ts';
import { ok } from './route.ts';

const oneDelivery = ({ world, params }: Call): Delivery => {
  const found = world.deliveries.find(({ id }) => id === Number(params.delivery_id));
  if (!found) throw notFound();
  return found;
};

/** Newest first; pages are found by a cursor, and `failure` leaves out what never connected. */
const listDeliveries = ({ world, query }: Call) => {
  const size = Math.min(100, Number(query.per_page ?? 30));
  const before = query.cursor === undefined ? Infinity : Number(query.cursor.replace(/^v1_/, ''));
  const wanted = ({ statusCode }: Delivery): boolean => {
    if (query.status === 'failure') return statusCode >= 400;
    return query.status !== 'success' || (statusCode >= 200 && statusCode < 400);
  };
  const rest = world.deliveries
    .filter((one) => wanted(one) && one.id < before)
    .sort((a, b) => b.id - a.id);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  const search = new URLSearchParams({ ...query, cursor: `v1_${last?.id}` });
  const more = rest.length > size;
  const link = { link: `<${apiUrl(world)}/app/hook/deliveries?${search}>; rel="next"` };
  return ok(page.map(deliveryItem), more ? link : {});
};

/** Where webhooks go, by the App's settings; of the secret GitHub shows stars only. */
const hookConfig = ({ world }: Call) =>
  ok({
    ...(world.webhookUrl !== null && { url: world.webhookUrl }),
    ...{ content_type: 'json', insecure_ssl: '0', secret: '********' },
  });

/** The App's webhook: its settings, and its deliveries listed, read and sent again. */
export const deliveryRoutes: readonly Route[] = [
  { operation: 'GET /app/hook/config', needs: 'app', handle: hookConfig },
  { operation: 'GET /app/hook/deliveries', needs: 'app', handle: listDeliveries },
  {
    operation: 'GET /app/hook/deliveries/{delivery_id}',
    needs: 'app',
    handle: (call) => ok(deliveryShape(call.world, oneDelivery(call))),
  },
  {
    operation: 'POST /app/hook/deliveries/{delivery_id}/attempts',
    needs: 'app',
    handle: (call) => {
      void redeliver(call.world, oneDelivery(call).id);
      return { status: 202, body: {} };
    },
  },
];
