import { v4 as uuidv4 } from 'uuid';
import type { DataSource } from 'typeorm';
import { batchDocument } from '../batch-document.js';
import { Batches } from '../batches.js';
import { jobDocument } from '../job-document.js';
import { jobFromRow, selectJob, type JobRow } from '../job-rows.js';
import { prepared } from '../prepared.js';
import { ofKind } from '../statements.js';
import { endDeliveriesTo } from './end-deliveries.js';
import type { DisabledReason } from './webhook-endpoint.entity.js';
import type { WebhookPayload, WebhookType } from './webhook-payload.js';

/** Seconds from a failed attempt to the next: with the first one at once, ten attempts in three days and four hours. */
export const retryDelays = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600] as const;
/** The most that an endpoint may ask for with `Retry-After`, in seconds. */
const longestDelay = Math.max(...retryDelays);
/** An endpoint where nothing has succeeded for so long is disabled. */
const failingDays = 5;
/** Requests under way in one lane, by all senders together. */
export const laneLimit = 32;
/** The same for a registered endpoint whose last attempt has failed, until one succeeds. */
const failingLaneLimit = 1;

/** A delivery that this sender holds. */
export interface ClaimedDelivery {
  /** Of Standard Webhooks: the same for all attempts. */
  readonly id: string;
  readonly endpointId: string;
  readonly url: string;
  /** All that sign. */
  readonly secrets: readonly string[];
  readonly type: WebhookType;
  /** The same bytes for all attempts. */
  readonly body: string;
  /** W3C `traceparent` of the job that it tells of. */
  readonly trace: string | null;
  /** To be shown by `record`. */
  readonly lockToken: string;
}

/** What came of a request. */
export interface AttemptResult {
  /** `gone`: it wants nothing any more. */
  readonly outcome: 'delivered' | 'failed' | 'gone';
  readonly durationMs: number;
  /** There is at least one of both. */
  readonly statusCode?: number | undefined;
  /** For the client. */
  readonly error?: string | undefined;
  /** The beginning of the response's body. */
  readonly response?: string | undefined;
  /** As the endpoint asked for. */
  readonly retryAfterSeconds?: number | undefined;
}

/** What became of the delivery. */
export interface RecordedAttempt {
  /** `pending`: there will be another attempt. */
  readonly status: 'pending' | 'delivered' | 'failed';
  /** Why its endpoint is disabled since then. */
  readonly disabled: DisabledReason | undefined;
  /** How many other deliveries were given up with that. */
  readonly ended: number;
}

export interface DeliveryBacklog {
  readonly pending: number;
  /** How long the oldest has been waiting of those that a sender could take now: others wait for their time, or their turn. */
  readonly oldestSeconds: number;
}

/** Deliveries as those see them who send them. The rows were written with the end of the job or batch. Any number may send. */
export class WebhookOutbox {
  private readonly batches: Batches;

  constructor(private readonly dataSource: DataSource) {
    this.batches = new Batches(dataSource);
  }

  /**
   * Takes up to `limit` deliveries that are due, for `seconds`: who has not recorded an attempt by then leaves them to others. Endpoints
   * take turns, and few requests are under way to any of them at a time, so that one that is slow or dead delays no other.
   * `ended`: so many were given up instead, as their endpoint is disabled.
   */
  async claim(limit: number, seconds: number): Promise<{ readonly claimed: ClaimedDelivery[]; readonly ended: number }> {
    const lockToken = uuidv4();
    const rows = await claimDeliveries(this.dataSource, [limit, lockToken, seconds]);
    const pending = rows.filter(({ status }) => status === 'pending');
    const bodies = await this.bodies(pending, lockToken);
    const claimed = pending.flatMap(({ id, endpoint_id: endpointId, url, secrets, type, trace }) => {
      const body = bodies.get(id);
      return body === undefined ? [] : [{ id, endpointId, url, secrets, type, body, trace, lockToken }];
    });
    return { claimed, ended: rows.length - pending.length };
  }

  /** Resolves to undefined where the delivery is no longer held: then the attempt changes nothing. */
  async record(
    { id, endpointId, lockToken }: Pick<ClaimedDelivery, 'id' | 'endpointId' | 'lockToken'>,
    { outcome, durationMs, statusCode, error, response, retryAfterSeconds }: AttemptResult,
  ): Promise<RecordedAttempt | undefined> {
    const [row] = await recordAttempt(this.dataSource, [
      id,
      lockToken,
      outcome,
      Math.round(durationMs),
      statusCode ?? null,
      error?.slice(0, 2000) ?? null,
      response ?? null,
      Math.min(retryAfterSeconds ?? 0, longestDelay),
    ]);
    if (!row) return undefined;
    const ended = row.disabled ? await endDeliveriesTo(endpointId, this.dataSource) : 0;
    return { status: row.status, disabled: row.disabled ?? undefined, ended };
  }

  async backlog(): Promise<DeliveryBacklog> {
    const [row] = await this.dataSource.query<DeliveryBacklog[]>(backlog);
    return row ?? { pending: 0, oldestSeconds: 0 };
  }

  /** By the ids of deliveries. One that has none yet gets it for good, before anything is sent. */
  private async bodies(rows: readonly ClaimedRow[], lockToken: string): Promise<ReadonlyMap<string, string>> {
    const bodies = new Map(rows.flatMap(({ id, body }): [string, string][] => (body === null ? [] : [[id, body]])));
    const payloads = await this.payloads(rows.filter(({ body }) => body === null));
    if (payloads.size === 0) return bodies;
    const ids = [...payloads.keys()];
    const texts = Array.from(payloads.values(), (payload) => JSON.stringify(payload));
    const written = await writeBodies(this.dataSource, [ids, texts, lockToken]);
    for (const { id, body } of written) bodies.set(id, body);
    return bodies;
  }

  private async payloads(rows: readonly ClaimedRow[]): Promise<ReadonlyMap<string, WebhookPayload>> {
    const jobIds = rows.flatMap(({ job_id }) => job_id ?? []);
    const batchIds = new Set(rows.flatMap(({ batch_id }) => batch_id ?? []));
    const jobs = jobIds.length === 0 ? [] : await findJobs(this.dataSource, [jobIds]);
    const batches = await Promise.all(Array.from(batchIds, (id) => this.batches.find(id)));
    const documents = new Map<string, WebhookPayload['data']>();
    for (const job of jobs) documents.set(String(job['id']), jobDocument(jobFromRow(this.dataSource, job)));
    for (const batch of batches) if (batch) documents.set(batch.batch.id, batchDocument(batch));
    return new Map(
      rows.flatMap(({ id, type, job_id, batch_id, created_at }) => {
        const data = documents.get(job_id ?? batch_id ?? '');
        // The row was written with the end of its subject, so this is when that was.
        return data ? [[id, { type, timestamp: created_at.toISOString(), data } as WebhookPayload]] : [];
      }),
    );
  }
}

interface ClaimedRow {
  readonly id: string;
  readonly endpoint_id: string;
  readonly job_id: string | null;
  readonly batch_id: string | null;
  readonly type: WebhookType;
  readonly body: string | null;
  readonly created_at: Date;
  readonly status: 'pending' | 'failed';
  readonly url: string;
  readonly secrets: string[];
  readonly trace: string | null;
}

/** Common table expression: it jumps from lane to lane, of which there are few, however many deliveries wait in one of them. */
const everyLane = `lanes (id) as (
    (select lane from webhook_delivery where status = 'pending' order by lane limit 1)
    union all
    select (select lane from webhook_delivery where status = 'pending' and lane > lanes.id order by lane limit 1)
    from lanes where lanes.id is not null
  )`;

/** For each of the lanes: requests under way, and the most that may be. */
const lanesWithLimits = `lanes cross join lateral (
      select count(*) as sending from webhook_delivery
      where lane = lanes.id and lock_token is not null and locked_until > now()
    ) as counted cross join lateral (
      select case when exists (select from webhook_endpoint where id = lanes.id and failing_since is not null)
        then ${failingLaneLimit} else ${laneLimit} end as most
    ) as limited`;

const isFree = 'next_at <= now() and (lock_token is null or locked_until <= now())';

/**
 * It looks in each lane for what its limit allows, and takes of all these first those whose lanes have the fewest requests under
 * way. Whoever claims at the same time chooses the same ones, and gets those that are left: so the limits hold for all together.
 */
const claimDeliveries = prepared<ClaimedRow>(
  'claim_deliveries',
  `with recursive ${everyLane}, chosen as (
    select due.id
    from ${lanesWithLimits} cross join lateral (
      select id, next_at, sending + row_number() over (order by next_at) as turn from (
        select id, next_at from webhook_delivery
        where status = 'pending' and lane = lanes.id and ${isFree}
        order by next_at limit greatest(most - sending, 0)
      ) as first
    ) as due
    where lanes.id is not null
    order by due.turn, due.next_at
    limit $1
  ), due as (
    select id from webhook_delivery where id = any(array(select id from chosen)) and status = 'pending' and ${isFree}
    for no key update skip locked
  )
  update webhook_delivery set
    status = case when disabled_at is null then 'pending' else 'failed' end,
    finished_at = case when disabled_at is not null then now() end,
    lock_token = case when disabled_at is null then $2::uuid end,
    locked_until = case when disabled_at is null then now() + make_interval(secs => $3) end
  from due, webhook_endpoint as endpoint
  where webhook_delivery.id = due.id and endpoint.id = webhook_delivery.endpoint_id
  returning webhook_delivery.id, endpoint_id, job_id, batch_id, type, body, webhook_delivery.created_at, status, url,
    array[secret] || case when previous_secret_expires_at > now() then array[previous_secret] end as secrets,
    (select trace from job where job.id = job_id) as trace`,
);

const findJobs = prepared<JobRow>('find_jobs_of_deliveries', `${selectJob('job')} where job.id = any($1)`);

const writeBodies = prepared<{ id: string; body: string }>(
  'write_bodies',
  `update webhook_delivery set body = item.body
  from unnest($1::uuid[], $2::text[]) as item (id, body)
  where webhook_delivery.id = item.id and webhook_delivery.lock_token = $3
  returning webhook_delivery.id, webhook_delivery.body`,
);

interface RecordedRow {
  readonly status: RecordedAttempt['status'];
  readonly disabled: DisabledReason | null;
}

// A delivery that was given up while this attempt was under way is delivered nevertheless when it succeeds.
const recordAttempt = prepared<RecordedRow>(
  'record_attempt',
  `with held as (
    select id, endpoint_id, status, attempt + 1 as attempt,
      (select coalesce(max(number), 0) + 1 from webhook_attempt where delivery_id = $1) as number
    from webhook_delivery where id = $1 and lock_token = $2 for no key update
  ), logged as (
    insert into webhook_attempt (delivery_id, number, at, duration_ms, status_code, error, response)
    select id, number, now() - $4::integer * interval '1 millisecond', $4::integer, $5, $6, $7 from held
  ), judged as (
    select endpoint.id, case
        when $3 = 'gone' then 'gone'
        when $3 = 'failed' and failing_since < now() - interval '${failingDays} days' then 'failing'
      end as reason
    from held join webhook_endpoint as endpoint on endpoint.id = held.endpoint_id
    where case when $3 = 'delivered' then failing_since is not null
      else failing_since is null
        or (disabled_at is null and ($3 = 'gone' or failing_since < now() - interval '${failingDays} days')) end
    for no key update of endpoint
  ), endpoint as (
    update webhook_endpoint set
      failing_since = case when $3 <> 'delivered' then coalesce(failing_since, now()) end,
      disabled_at = case when reason is not null then coalesce(disabled_at, now()) else disabled_at end,
      disabled_reason = case when reason is not null then coalesce(disabled_reason, reason) else disabled_reason end
    from judged where webhook_endpoint.id = judged.id
    returning case when disabled_at = now() then reason end as disabled
  ), next as (
    select id, attempt, status as earlier, case
        when $3 = 'delivered' then 'delivered'
        when status = 'failed' or $3 = 'gone' or attempt > ${retryDelays.length} or exists (select from endpoint where disabled is not null)
          or exists (select from webhook_endpoint where id = held.endpoint_id and disabled_at is not null) then 'failed'
        else 'pending'
      end as status
    from held
  ), ended as (
    update webhook_delivery set
      attempt = next.attempt, status = next.status, lock_token = null, locked_until = null,
      next_at = case next.status when 'pending' then now() + make_interval(secs =>
        greatest((array[${retryDelays.join(', ')}])[next.attempt] * (0.9 + random() / 5), $8::float8)) else next_at end,
      finished_at = case next.status when 'pending' then null when next.earlier then finished_at else now() end
    from next where webhook_delivery.id = next.id
    returning webhook_delivery.status
  )
  select status, (select disabled from endpoint) as disabled from ended`,
);

const backlog = ofKind(
  'webhook',
  `with recursive ${everyLane}
  select
    (select count(*)::int from webhook_delivery where status = 'pending') as pending,
    coalesce(extract(epoch from now() - min(first.next_at)), 0)::float8 as "oldestSeconds"
  from ${lanesWithLimits} cross join lateral (
    select next_at from webhook_delivery where status = 'pending' and lane = lanes.id and ${isFree} order by next_at limit 1
  ) as first
  where lanes.id is not null and sending < most`,
);
