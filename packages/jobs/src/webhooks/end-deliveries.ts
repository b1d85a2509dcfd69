import type { DataSource } from 'typeorm';
import { prepared } from '../prepared.js';

/** So many with one statement: there may be millions, and a statement has its time limit. */
const chunk = 1_000;

/**
 * Gives up what waits for an endpoint that is disabled, and resolves to how much that was. Attempts that are under way still count
 * when they succeed. Where this does not come to its end, `WebhookOutbox.claim` goes on with it.
 */
export async function endDeliveriesTo(endpointId: string, dataSource: DataSource): Promise<number> {
  let ended = 0;
  for (let found = chunk; found === chunk; ended += found) {
    const [row] = await endDeliveries(dataSource, [endpointId, chunk]);
    found = row?.ended ?? 0;
  }
  return ended;
}

const endDeliveries = prepared<{ ended: number }>(
  'end_deliveries',
  `with endpoint as (
    select id, lane from webhook_endpoint where id = $1 and disabled_at is not null
  ), ended as (
    update webhook_delivery set status = 'failed', finished_at = now()
    where status = 'pending' and id = any(array(
      select webhook_delivery.id from endpoint join webhook_delivery on webhook_delivery.lane = endpoint.lane
      where webhook_delivery.endpoint_id = endpoint.id and webhook_delivery.status = 'pending'
      limit $2))
    returning 1
  )
  select count(*)::integer as ended from ended`,
);
