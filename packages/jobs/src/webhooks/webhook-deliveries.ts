import { v7 as uuidv7 } from 'uuid';
import type { DataSource } from 'typeorm';
import type { JobPosition } from '../job-reader.js';
import { prepared } from '../prepared.js';
import { ofKind } from '../statements.js';
import type { WebhookPayload, WebhookType } from './webhook-payload.js';

export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** An event on its way to one endpoint. */
export interface WebhookDelivery {
  /** The `webhook-id` of all its attempts. */
  readonly id: string;
  readonly endpointId: string;
  readonly url: string;
  readonly type: WebhookType;
  readonly jobId: string | null;
  readonly batchId: string | null;
  readonly status: DeliveryStatus;
  /** Attempts since it was created, or delivered again on request. */
  readonly attempt: number;
  /** Of the next attempt; has no meaning unless it is pending. */
  readonly nextAt: Date;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** One request to an endpoint. */
export interface WebhookAttempt {
  /** From 1, for the first attempt ever. */
  readonly number: number;
  readonly at: Date;
  readonly durationMs: number;
  /** Null where there was no answer. */
  readonly statusCode: number | null;
  readonly error: string | null;
  /** The beginning of the answer's body. */
  readonly response: string | null;
}

export interface LoggedDelivery {
  readonly delivery: WebhookDelivery;
  /** Oldest first. */
  readonly attempts: readonly WebhookAttempt[];
}

export interface WebhookDeliveryPage {
  /** Newest first. */
  readonly deliveries: readonly WebhookDelivery[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: JobPosition;
}

export interface DeliveryFilter {
  readonly endpointId?: string | undefined;
  readonly jobId?: string | undefined;
  readonly status?: DeliveryStatus | undefined;
}

/** Deliveries that were created within a time and ended in this state. */
export interface DeliveryRange {
  readonly since: Date;
  /** Default: now. Those of that very moment are left out. */
  readonly until?: Date | undefined;
  readonly endpointId?: string | undefined;
  readonly status: Exclude<DeliveryStatus, 'pending'>;
}

export type RedeliveryOutcome = 'redelivered' | 'pending' | 'disabled' | 'not_found';

/** So many with one statement: there may be millions, and a statement has its time limit. */
const chunk = 1_000;

/** The log of deliveries, and what clients have delivered by request. */
export class WebhookDeliveries {
  constructor(private readonly dataSource: DataSource) {}

  async find(id: string): Promise<LoggedDelivery | undefined> {
    const [row] = await this.dataSource.query<LoggedRow[]>(findDelivery, [id]);
    if (!row) return undefined;
    const { attempts, ...delivery } = row;
    return { delivery, attempts: attempts.map((attempt) => ({ ...attempt, at: new Date(attempt.at) })) };
  }

  async list({
    endpointId,
    jobId,
    status,
    limit,
    after,
  }: DeliveryFilter & { limit: number; after?: JobPosition | undefined }): Promise<WebhookDeliveryPage> {
    const rows = await this.dataSource.query<WebhookDelivery[]>(listDeliveries, [
      endpointId ?? null,
      jobId ?? null,
      status ?? null,
      after?.createdAt ?? null,
      after?.id ?? null,
      limit + 1,
    ]);
    const deliveries = rows.slice(0, limit);
    const last = deliveries.at(-1);
    return rows.length > limit && last ? { deliveries, next: { createdAt: last.createdAt, id: last.id } } : { deliveries };
  }

  /** Has it delivered again, under its id and with its body, with as many attempts as a new one. */
  async redeliver(id: string): Promise<RedeliveryOutcome> {
    const [row] = await redeliverOne(this.dataSource, [id]);
    if (!row) return 'not_found';
    if (row.redelivered) return 'redelivered';
    return row.pending ? 'pending' : 'disabled';
  }

  /** The same for all of a range, but those whose endpoint is disabled. Resolves to how many there are. */
  async redeliverRange({ since, until, endpointId, status }: DeliveryRange): Promise<number> {
    let after: JobPosition = { createdAt: since, id: firstId };
    let redelivered = 0;
    for (;;) {
      const rows = await redeliverSome(this.dataSource, [
        after.createdAt,
        after.id,
        until ?? null,
        endpointId ?? null,
        status,
        chunk,
      ]);
      redelivered += rows.length;
      const last = rows.at(-1);
      if (rows.length < chunk || !last) return redelivered;
      after = { createdAt: last.created_at, id: last.id };
    }
  }

  /** A delivery of `endpoint.test` to a registered endpoint: its id. */
  async test(endpointId: string): Promise<{ readonly id: string } | 'disabled' | 'not_found'> {
    const payload: WebhookPayload = {
      type: 'endpoint.test',
      timestamp: new Date().toISOString(),
      data: { endpoint_id: endpointId },
    };
    const [row] = await insertTest(this.dataSource, [uuidv7(), endpointId, payload.type, JSON.stringify(payload)]);
    if (!row) return 'not_found';
    return row.id === null ? 'disabled' : { id: row.id };
  }
}

const firstId = '00000000-0000-0000-0000-000000000000';

type LoggedRow = WebhookDelivery & { readonly attempts: readonly (Omit<WebhookAttempt, 'at'> & { readonly at: string })[] };

const columns = `delivery.id, endpoint_id as "endpointId", url, type, job_id as "jobId", batch_id as "batchId", status, attempt,
  next_at as "nextAt", delivery.created_at as "createdAt", finished_at as "finishedAt"`;
const joined = 'webhook_delivery as delivery join webhook_endpoint as endpoint on endpoint.id = endpoint_id';

// One statement, so that the log is that of this state.
const findDelivery = ofKind(
  'webhook',
  `select ${columns}, (
    select coalesce(json_agg(json_build_object('number', number, 'at', at, 'durationMs', duration_ms, 'statusCode', status_code,
      'error', error, 'response', response) order by number), '[]')
    from webhook_attempt where delivery_id = delivery.id
  ) as attempts
  from ${joined} where delivery.id = $1`,
);

// Not prepared by name: planned with the values at hand, conditions that are null vanish and an index fits.
const listDeliveries = ofKind(
  'webhook',
  `select ${columns} from ${joined}
  where ($1::uuid is null or endpoint_id = $1) and ($2::uuid is null or job_id = $2) and ($3::text is null or status = $3)
    and ($4::timestamptz is null or (delivery.created_at, delivery.id) < ($4, $5::uuid))
  order by delivery.created_at desc, delivery.id desc
  limit $6`,
);

const again = `status = 'pending', attempt = 0, next_at = now(), lock_token = null, locked_until = null, finished_at = null`;

const redeliverOne = prepared<{ redelivered: boolean; pending: boolean }>(
  'redeliver_one',
  `with redelivered as (
    update webhook_delivery set ${again}
    from webhook_endpoint as endpoint
    where webhook_delivery.id = $1 and status <> 'pending' and endpoint.id = endpoint_id and disabled_at is null
    returning webhook_delivery.id
  )
  select exists (select from redelivered) as redelivered, status = 'pending' as pending from webhook_delivery where id = $1`,
);

// In the order of the list, so that what is delivered meanwhile is not found again.
const redeliverSome = prepared<{ id: string; created_at: Date }>(
  'redeliver_some',
  `with chosen as (
    select delivery.id from webhook_delivery as delivery join webhook_endpoint as endpoint on endpoint.id = endpoint_id
    where (delivery.created_at, delivery.id) > ($1, $2::uuid) and delivery.created_at < coalesce($3, now())
      and ($4::uuid is null or endpoint_id = $4) and status = $5 and disabled_at is null
    order by delivery.created_at, delivery.id limit $6 for no key update of delivery
  ), redelivered as (
    update webhook_delivery set ${again} from chosen where webhook_delivery.id = chosen.id
    returning webhook_delivery.id, created_at
  )
  select id, created_at from redelivered order by created_at, id`,
);

const insertTest = prepared<{ id: string | null }>(
  'insert_webhook_test',
  `with test as (
    insert into webhook_delivery (id, endpoint_id, lane, type, body)
    select $1, id, lane, $3, $4 from webhook_endpoint where id = $2 and registered and disabled_at is null
    returning id
  )
  select (select id from test) as id from webhook_endpoint where id = $2 and registered`,
);
