import { apiUrl } from './account-shape.ts';
import type { Delivery } from './records.ts';
import type { World } from './world.ts';

/** A delivery as the list shows it. */
export const deliveryItem = (delivery: Delivery) => ({
  id: delivery.id,
  guid: delivery.guid,
  delivered_at: new Date(delivery.deliveredAt).toISOString(),
  redelivery: delivery.redelivery,
  duration: delivery.duration,
  status: delivery.status,
  status_code: delivery.statusCode,
  event: delivery.event,
  action: delivery.action,
  installation_id: delivery.installationId,
  repository_id: delivery.repositoryId,
  throttled_at: null,
});

/** A delivery with what was sent and answered. */
export const deliveryShape = (world: World, delivery: Delivery) => ({
  ...deliveryItem(delivery),
  url: world.webhookUrl ?? apiUrl(world),
  request: { headers: delivery.requestHeaders, payload: delivery.payload },
  response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
});
