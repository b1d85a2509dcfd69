import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happens to jobs beside their running: history, progress, retries, webhooks, batches, idempotency keys, expiry. */
export class Lifecycle1795651200000 implements MigrationInterface {
  readonly name = 'Lifecycle1795651200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table webhook_endpoint (
        id uuid constraint webhook_endpoint_pkey primary key,
        url text not null,
        secret text not null,
        previous_secret text,
        previous_secret_expires_at timestamptz,
        events text[],
        registered boolean not null,
        lane uuid not null,
        description text,
        disabled_at timestamptz,
        disabled_reason text,
        failing_since timestamptz,
        created_at timestamptz(3) not null default date_trunc('milliseconds', now()),

        constraint webhook_endpoint_url_check check (url ~ '^https?://'),
        constraint webhook_endpoint_previous_check check ((previous_secret is null) = (previous_secret_expires_at is null)),
        constraint webhook_endpoint_disabled_check check ((disabled_at is null) = (disabled_reason is null)),
        constraint webhook_endpoint_reason_check check (disabled_reason in ('requested', 'gone', 'failing'))
      );
      create unique index webhook_endpoint_of_jobs_idx on webhook_endpoint (url, secret, events) nulls not distinct where not registered;
      create index webhook_endpoint_list_idx on webhook_endpoint (created_at, id) where registered;
      create index webhook_endpoint_created_idx on webhook_endpoint (created_at) where not registered`);

    await runner.query(`
      create table batch (
        id uuid constraint batch_pkey primary key,
        metadata jsonb not null default '{}',
        total integer not null,
        unfinished integer not null,
        webhook_endpoint_id uuid constraint batch_webhook_endpoint_id_fkey references webhook_endpoint (id) on delete set null,
        request_id text,
        created_at timestamptz(3) not null default date_trunc('milliseconds', now()),
        finished_at timestamptz,

        constraint batch_unfinished_check check (unfinished between 0 and total),
        constraint batch_finished_check check ((unfinished = 0) = (finished_at is not null)),
        constraint batch_metadata_check check (jsonb_typeof(metadata) = 'object')
      );
      create index batch_list_idx on batch (created_at, id);
      create index batch_finished_idx on batch (finished_at) where finished_at is not null;
      create index batch_webhook_endpoint_idx on batch (webhook_endpoint_id) where webhook_endpoint_id is not null`);

    await runner.query(`
      alter table job
        add column retries smallint not null default 0,
        add column stage text,
        add column outputs_done smallint not null default 0,
        add column last_error_code text,
        add column last_error_detail text,
        add column results_expired_at timestamptz,
        add column batch_id uuid constraint job_batch_id_fkey references batch (id) on delete cascade,
        add column webhook_endpoint_id uuid
          constraint job_webhook_endpoint_id_fkey references webhook_endpoint (id) on delete set null,
        add constraint job_priority_check check (priority between -1 and 1),
        add constraint job_stage_check check (stage is null or (stage in ('fetch', 'process', 'store') and status = 'running')),
        add constraint job_last_error_check check (last_error_code is not null or last_error_detail is null),
        add constraint job_results_expired_check check (results_expired_at is null or finished_at is not null);
      create index job_finished_idx on job (finished_at) where finished_at is not null and results_expired_at is null;
      create index job_batch_idx on job (batch_id) where batch_id is not null;
      create index job_webhook_endpoint_idx on job (webhook_endpoint_id) where webhook_endpoint_id is not null;

      alter table input
        alter column storage_key drop not null,
        alter column sha256 drop not null,
        alter column bytes drop not null,
        alter column format drop not null,
        add column url text,
        add constraint input_facts_check check (num_nulls(storage_key, sha256, bytes, format) in (0, case when url is null then 0 else 4 end)),
        add constraint input_url_check check (url is null or (upload_id is null and from_job_id is null and position = 0))`);

    // No index has lease_expires_at, so that a heartbeat changes none. And what a worker does to its own jobs must not read all that
    // are running, or ever were since the last vacuum: whatever statistics say, no index begins with them.
    await runner.query(`
      drop index job_lease_idx;
      create index job_lease_idx on job (lease_token) where status = 'running';
      drop index job_status_list_idx;
      create index job_status_list_idx on job (status, created_at, id) where status <> 'running'`);

    await runner.query(`
      create table job_event (
        job_id uuid not null constraint job_event_job_id_fkey references job (id) on delete cascade,
        version integer not null,
        status text not null,
        retries smallint not null,
        attempt smallint not null,
        worker_id text,
        error_code text,
        error_detail text,
        at timestamptz not null default now(),

        constraint job_event_pkey primary key (job_id, version)
      );
      create unique index job_event_final_idx on job_event (job_id, retries) where status in ('completed', 'failed', 'canceled')`);

    await runner.query(`
      create table webhook_delivery (
        id uuid constraint webhook_delivery_pkey primary key,
        endpoint_id uuid not null constraint webhook_delivery_endpoint_id_fkey references webhook_endpoint (id) on delete cascade,
        lane uuid not null,
        job_id uuid constraint webhook_delivery_job_id_fkey references job (id) on delete cascade,
        batch_id uuid constraint webhook_delivery_batch_id_fkey references batch (id) on delete cascade,
        type text not null,
        body text,
        status text not null default 'pending',
        attempt smallint not null default 0,
        next_at timestamptz not null default now(),
        lock_token uuid,
        locked_until timestamptz,
        created_at timestamptz(3) not null default date_trunc('milliseconds', now()),
        finished_at timestamptz,

        constraint webhook_delivery_status_check check (status in ('pending', 'delivered', 'failed')),
        constraint webhook_delivery_finished_check check ((status = 'pending') = (finished_at is null)),
        constraint webhook_delivery_lock_check check ((lock_token is null) = (locked_until is null)),
        constraint webhook_delivery_subject_check check (num_nonnulls(job_id, batch_id) < 2)
      );
      create index webhook_delivery_due_idx on webhook_delivery (lane, next_at) where status = 'pending';
      create index webhook_delivery_locked_idx on webhook_delivery (lane) where lock_token is not null;
      create index webhook_delivery_failed_idx on webhook_delivery (created_at, id) where status = 'failed';
      create index webhook_delivery_endpoint_idx on webhook_delivery (endpoint_id, created_at, id);
      create index webhook_delivery_list_idx on webhook_delivery (created_at, id);
      create index webhook_delivery_job_idx on webhook_delivery (job_id) where job_id is not null;
      create index webhook_delivery_batch_idx on webhook_delivery (batch_id) where batch_id is not null;

      create table webhook_attempt (
        delivery_id uuid not null constraint webhook_attempt_delivery_id_fkey references webhook_delivery (id) on delete cascade,
        number smallint not null,
        at timestamptz not null,
        duration_ms integer not null,
        status_code smallint,
        error text,
        response text,

        constraint webhook_attempt_pkey primary key (delivery_id, number),
        constraint webhook_attempt_answer_check check (num_nonnulls(status_code, error) > 0)
      )`);

    await runner.query(`
      create table idempotency_key (
        route text not null,
        key text not null,
        token uuid not null,
        locked_until timestamptz not null,
        fingerprint text,
        job_id uuid constraint idempotency_key_job_id_fkey references job (id) on delete cascade,
        batch_id uuid constraint idempotency_key_batch_id_fkey references batch (id) on delete cascade,
        created_at timestamptz not null default now(),

        constraint idempotency_key_pkey primary key (route, key),
        constraint idempotency_key_answer_check check ((fingerprint is not null)::integer = num_nonnulls(job_id, batch_id))
      );
      create index idempotency_key_created_idx on idempotency_key (created_at);
      create index idempotency_key_job_idx on idempotency_key (job_id) where job_id is not null;
      create index idempotency_key_batch_idx on idempotency_key (batch_id) where batch_id is not null`);

    await runner.query(`
      drop index input_upload_idx;
      create index input_upload_idx on input (upload_id, job_id) where upload_id is not null;
      create index upload_created_idx on upload (created_at);
      create index input_own_id_idx on input (storage_key)
        where upload_id is null and from_job_id is null and url is null and storage_key <> 'uploads/' || job_id::text;
      comment on index input_own_id_idx is 'Only files of the first version, which gave one that came with a job an id of its own';

      create table upkeep (
        task text constraint upkeep_pkey primary key,
        active_at timestamptz not null,
        succeeded_at timestamptz
      );
      create table installation as
        select least((select min(created_at) from job), (select min(created_at) from upload), now()) as since;
      comment on table installation is 'Files that are older belong to another database, and are not for this one to remove'`);

    await runner.query(`
      create or replace function job_status_changes() returns trigger language plpgsql as $$
      begin
        if tg_op = 'INSERT' or (old.status, new.status) not in (
          ('queued', 'running'), ('queued', 'canceled'),
          ('running', 'queued'), ('running', 'completed'), ('running', 'failed'), ('running', 'canceled')
        ) and not (old.status = 'failed' and new.status = 'queued' and new.retries = old.retries + 1) then
          raise exception 'a job does not become %', new.status
            using errcode = 'check_violation', constraint = 'job_status_changes', detail = format('job %s', new.id);
        end if;
        new.version := old.version + 1;
        new.stage := case new.status when 'running' then 'fetch' end;
        if new.status in ('running', 'queued') then
          new.outputs_done := 0;
        end if;
        return new;
      end $$;

      create function job_keeps_history() returns trigger language plpgsql as $$
      begin
        insert into job_event (job_id, version, status, retries, attempt, worker_id, error_code, error_detail)
        values (
          new.id, new.version, new.status, new.retries, new.attempt,
          case when 'running' in (old.status, new.status) then new.worker_id end,
          case new.status when 'failed' then new.error_code when 'queued' then new.last_error_code end,
          case new.status when 'failed' then new.error_detail when 'queued' then new.last_error_detail end);
        return null;
      end $$;
      comment on function job_keeps_history is
        'A row for each change of status; that a job ends once, or once for each time that a client has it tried again, is a unique index';
      create trigger job_keeps_history after update of status on job
        for each row when (old.status <> new.status) execute function job_keeps_history();

      create function job_tells_webhooks() returns trigger language plpgsql as $$
      begin
        insert into webhook_delivery (id, endpoint_id, lane, job_id, type)
        select gen_random_uuid(), id, lane, new.id, 'job.' || new.status from webhook_endpoint
        where (registered or id = new.webhook_endpoint_id) and disabled_at is null
          and (events is null or 'job.' || new.status = any (events));
        return null;
      end $$;
      comment on function job_tells_webhooks is 'What is to be delivered is written with the end of the job, or not at all';
      create trigger job_tells_webhooks after update of status on job
        for each row when (old.finished_at is null and new.finished_at is not null) execute function job_tells_webhooks();

      create function job_counts_in_batch() returns trigger language plpgsql as $$
      declare
        finishes constant boolean := tg_op = 'DELETE' or new.finished_at is not null;
        changed batch;
      begin
        update batch set
          unfinished = unfinished + case when finishes then -1 else 1 end,
          finished_at = case when finishes and unfinished = 1 then now() end
        where id = old.batch_id
        returning * into changed;
        if changed.finished_at is not null then
          insert into webhook_delivery (id, endpoint_id, lane, batch_id, type)
          select gen_random_uuid(), id, lane, changed.id, 'batch.completed' from webhook_endpoint
          where (registered or id = changed.webhook_endpoint_id) and disabled_at is null
            and (events is null or 'batch.completed' = any (events));
        end if;
        return null;
      end $$;
      comment on function job_counts_in_batch is 'The end of the last job of a batch is the end of the batch';
      create trigger job_counts_in_batch after update of status on job for each row
        when (old.batch_id is not null and (old.finished_at is null) <> (new.finished_at is null))
        execute function job_counts_in_batch();
      create trigger job_leaves_batch after delete on job for each row
        when (old.batch_id is not null and old.finished_at is null)
        execute function job_counts_in_batch();

      create function job_begins_anew() returns trigger language plpgsql as $$
      begin
        update output set status = 'queued', format = null, media_type = null, width = null, height = null, pages = null,
          bytes = null, sha256 = null, storage_key = null, value = null, error_code = null, error_detail = null
        where job_id = new.id;
        return null;
      end $$;
      comment on function job_begins_anew is 'A failed job that a client has tried again makes all its outputs again';
      create trigger job_begins_anew after update of status on job
        for each row when (old.status = 'failed' and new.status = 'queued') execute function job_begins_anew();

      drop trigger output_result_stays on output;
      create trigger output_result_stays before update on output
        for each row when (old.status <> 'queued' and new.status <> 'queued') execute function output_result_stays()`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward.');
  }
}
