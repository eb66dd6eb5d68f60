import { expect } from '@jest/globals';
import type { Delivery } from '../github/records.ts';
import type { Slipway } from '../system/start-slipway.ts';
import { until } from '../system/until.ts';

/** Has a delivery that Slipway did not take sent again until it takes it. */
export async function bringIn({ github }: Slipway, { id, statusCode }: Delivery): Promise<void> {
  if (statusCode === 202) return;
  const again = await until(
    `delivery ${id} is taken`,
    async () => {
      const answer = await github.redeliver(id);
      return answer.statusCode === 202 && answer;
    },
    60_000,
  );
  expect(again).toMatchObject({ redelivery: true });
}
