import { v7 as uuidv7 } from 'uuid';
import type { DataSource } from 'typeorm';
import type { JobPosition } from '../job-reader.js';
import { entityFromRow } from '../job-rows.js';
import { prepared } from '../prepared.js';
import { ofKind } from '../statements.js';
import { endDeliveriesTo } from './end-deliveries.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import type { WebhookEvent } from './webhook-payload.js';
import { newWebhookSecret } from './webhook-secret.js';

export interface NewWebhookEndpoint {
  /** As `URL.href` writes it. */
  readonly url: string;
  /** Default: all types. */
  readonly events?: readonly WebhookEvent[] | undefined;
  readonly description?: string | undefined;
  /** Default: a new one. */
  readonly secret?: string | undefined;
}

/** An endpoint that a job or batch names for itself. */
export interface NamedWebhookEndpoint {
  /** As `URL.href` writes it. */
  readonly url: string;
  readonly secret: string;
  /** Default: all types. */
  readonly events?: readonly WebhookEvent[] | undefined;
}

/** What is left out stays as it is. */
export interface WebhookEndpointChanges {
  readonly url?: string | undefined;
  /** Null: all types. */
  readonly events?: readonly WebhookEvent[] | null | undefined;
  readonly description?: string | null | undefined;
  readonly enabled?: boolean | undefined;
}

export interface WebhookEndpointPage {
  /** Newest first. */
  readonly endpoints: readonly WebhookEndpoint[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: JobPosition;
}

/** How long the secret before still signs. */
const overlapHours = 24;
/** Deliveries deleted with one statement: there may be millions, and a statement has its time limit. */
const chunk = 1_000;

/** Where events are delivered to. All but `findOrCreate` is about registered endpoints: those that are told of all jobs and batches. */
export class WebhookEndpoints {
  constructor(private readonly dataSource: DataSource) {}

  async create({ url, events, description, secret = newWebhookSecret() }: NewWebhookEndpoint): Promise<WebhookEndpoint> {
    const [row] = await insertEndpoint(this.dataSource, [uuidv7(), url, secret, listOf(events), description ?? null]);
    return this.fromRow(row as Row);
  }

  /**
   * The id of the endpoint that jobs with this very webhook have. An endpoint that was disabled is enabled again: who names it
   * wants it.
   */
  async findOrCreate({ url, secret, events }: NamedWebhookEndpoint): Promise<string> {
    const [found] = await findNamed(this.dataSource, [url, secret, listOf(events)]);
    if (found) return found.id;
    const [named] = await insertNamed(this.dataSource, [uuidv7(), url, secret, listOf(events), new URL(url).origin]);
    return (named as { id: string }).id;
  }

  async find(id: string): Promise<WebhookEndpoint | undefined> {
    return (await this.dataSource.getRepository(WebhookEndpoint).findOneBy({ id, registered: true })) ?? undefined;
  }

  async list({ limit, after }: { limit: number; after?: JobPosition | undefined }): Promise<WebhookEndpointPage> {
    const rows = await this.dataSource.query<Row[]>(listEndpoints, [after?.createdAt ?? null, after?.id ?? null, limit + 1]);
    const endpoints = rows.slice(0, limit).map((row) => this.fromRow(row));
    const last = endpoints.at(-1);
    return rows.length > limit && last ? { endpoints, next: { createdAt: last.createdAt, id: last.id } } : { endpoints };
  }

  /** How many there are. */
  async count(): Promise<{ readonly enabled: number; readonly disabled: number }> {
    const [row] = await this.dataSource.query<[{ enabled: number; disabled: number }]>(countEndpoints);
    return row;
  }

  /** Undefined: there is no such endpoint. What waits for an endpoint that is disabled is given up: `ended` deliveries. */
  async change(
    id: string,
    { url, events, description, enabled }: WebhookEndpointChanges,
  ): Promise<{ readonly endpoint: WebhookEndpoint; readonly disabled: boolean; readonly ended: number } | undefined> {
    const [row] = await changeEndpoint(this.dataSource, [
      id,
      url ?? null,
      events !== undefined,
      listOf(events),
      description !== undefined,
      description ?? null,
      enabled ?? null,
    ]);
    if (!row) return undefined;
    const ended = row.disabled_now ? await endDeliveriesTo(id, this.dataSource) : 0;
    return { endpoint: this.fromRow(row), disabled: row.disabled_now, ended };
  }

  /** The secret before it signs, too, for a day; the one before that no longer. Undefined: there is no such endpoint. */
  async rotateSecret(id: string, secret = newWebhookSecret()): Promise<WebhookEndpoint | undefined> {
    const [row] = await rotateSecret(this.dataSource, [id, secret]);
    return row && this.fromRow(row);
  }

  /** With the log of its deliveries. Resolves to false where there is no such endpoint. */
  async delete(id: string): Promise<boolean> {
    // Nothing new comes to a disabled endpoint while its deliveries go.
    if (!(await this.change(id, { enabled: false }))) return false;
    for (let deleted = chunk; deleted === chunk;) {
      deleted = (await deleteDeliveries(this.dataSource, [id, chunk])).length;
    }
    await this.dataSource.getRepository(WebhookEndpoint).delete({ id, registered: true });
    return true;
  }

  private fromRow(row: Row): WebhookEndpoint {
    return entityFromRow(this.dataSource, WebhookEndpoint, row);
  }
}

type Row = Readonly<Record<string, unknown>>;

/** Equal sets are equal lists. */
function listOf(events: readonly WebhookEvent[] | null | undefined): string[] | null {
  return events ? [...new Set(events)].sort() : null;
}

const insertEndpoint = prepared<Row>(
  'insert_webhook_endpoint',
  `insert into webhook_endpoint (id, url, secret, events, description, registered, lane)
  values ($1, $2, $3, $4, $5, true, $1) returning *`,
);

const findNamed = prepared<{ id: string }>(
  'find_named_webhook_endpoint',
  `select id from webhook_endpoint
  where not registered and url = $1 and secret = $2 and disabled_at is null
    and (events = $3::text[] or (events is null and $3::text[] is null))`,
);

// Jobs may name an endpoint of their own each, with the id of something in its URL: so one server is one lane.
const insertNamed = prepared<{ id: string }>(
  'insert_named_webhook_endpoint',
  `insert into webhook_endpoint (id, url, secret, events, registered, lane)
  values ($1, $2, $3, $4, false, md5($5)::uuid)
  on conflict (url, secret, events) where not registered
    do update set disabled_at = null, disabled_reason = null,
      failing_since = case when webhook_endpoint.disabled_at is null then webhook_endpoint.failing_since end
  returning id`,
);

const listEndpoints = ofKind(
  'webhook',
  `select * from webhook_endpoint
  where registered and ($1::timestamptz is null or (created_at, id) < ($1, $2::uuid))
  order by created_at desc, id desc
  limit $3`,
);

const countEndpoints = ofKind(
  'webhook',
  `select count(*) filter (where disabled_at is null)::int as enabled, count(disabled_at)::int as disabled
  from webhook_endpoint where registered`,
);

const changeEndpoint = prepared<Row & { readonly disabled_now: boolean }>(
  'change_webhook_endpoint',
  `with earlier as (
    select id, disabled_at from webhook_endpoint where id = $1 and registered for no key update
  )
  update webhook_endpoint set
    url = coalesce($2, url),
    events = case when $3 then $4::text[] else events end,
    description = case when $5 then $6 else description end,
    disabled_at = case when $7 then null when not $7 then coalesce(webhook_endpoint.disabled_at, now()) else webhook_endpoint.disabled_at end,
    disabled_reason = case when $7 then null when not $7 then coalesce(disabled_reason, 'requested') else disabled_reason end,
    failing_since = case when $7 and webhook_endpoint.disabled_at is not null then null else failing_since end
  from earlier where webhook_endpoint.id = earlier.id
  returning webhook_endpoint.*, earlier.disabled_at is null and webhook_endpoint.disabled_at is not null as disabled_now`,
);

const rotateSecret = prepared<Row>(
  'rotate_webhook_secret',
  `update webhook_endpoint set
    secret = $2, previous_secret = secret, previous_secret_expires_at = now() + interval '${overlapHours} hours'
  where id = $1 and registered
  returning *`,
);

const deleteDeliveries = prepared<{ id: string }>(
  'delete_deliveries',
  `delete from webhook_delivery
  where id = any(array(select id from webhook_delivery where endpoint_id = $1 order by created_at, id limit $2))
  returning id`,
);
