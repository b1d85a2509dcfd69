import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Jobs with their outputs and inputs, and uploads. */
export class CreateJobs1795564800000 implements MigrationInterface {
  readonly name = 'CreateJobs1795564800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table job (
        id uuid constraint job_pkey primary key,
        status text not null default 'queued',
        priority smallint not null default 0,
        attempt smallint not null default 0,
        max_attempts smallint not null default 5,
        crash_count smallint not null default 0,
        max_crashes smallint not null default 3,
        generation integer not null default 0,
        run_at timestamptz not null default now(),
        dispatched_at timestamptz,
        lease_token uuid,
        lease_expires_at timestamptz,
        worker_id text,
        cancel_requested_at timestamptz,
        metadata jsonb not null default '{}',
        source_format text,
        source_width integer,
        source_height integer,
        source_pages integer,
        error_code text,
        error_detail text,
        error_output text,
        version integer not null default 1,
        request_id text,
        trace text,
        created_at timestamptz(3) not null default date_trunc('milliseconds', now()),
        started_at timestamptz,
        finished_at timestamptz,

        constraint job_status_check check (status in ('queued', 'running', 'completed', 'failed', 'canceled')),
        constraint job_lease_check check ((status = 'running') = (lease_expires_at is not null)),
        constraint job_token_check check (status <> 'running' or (lease_token is not null and worker_id is not null)),
        constraint job_finished_check check ((status in ('completed', 'failed', 'canceled')) = (finished_at is not null)),
        constraint job_error_check check ((status = 'failed') = (error_code is not null)),
        constraint job_error_detail_check check (error_code is not null or num_nonnulls(error_detail, error_output) = 0),
        constraint job_cancel_check check (cancel_requested_at is null or status in ('running', 'canceled')),
        constraint job_attempt_check check (attempt between 0 and max_attempts and attempt <= generation),
        constraint job_started_check check (status not in ('running', 'completed', 'failed') or started_at is not null),
        constraint job_crash_check check (crash_count between 0 and max_crashes),
        constraint job_source_check check (num_nulls(source_format, source_width, source_height, source_pages) in (0, 4)),
        constraint job_metadata_check check (jsonb_typeof(metadata) = 'object')
      )`);
    await runner.query(`
      create index job_due_idx on job (priority desc, run_at, id) where status = 'queued' and dispatched_at is null;
      create index job_dispatched_idx on job (dispatched_at) where status = 'queued' and dispatched_at is not null;
      create index job_lease_idx on job (lease_expires_at) where status = 'running';
      create index job_list_idx on job (created_at, id);
      create index job_status_list_idx on job (status, created_at, id)`);

    await runner.query(`
      create table output (
        job_id uuid not null constraint output_job_id_fkey references job (id) on delete cascade,
        name text not null,
        position smallint not null,
        spec jsonb not null,
        status text not null default 'queued',
        format text,
        media_type text,
        width integer,
        height integer,
        pages integer,
        bytes bigint,
        sha256 text,
        storage_key text,
        value jsonb,
        error_code text,
        error_detail text,

        constraint output_pkey primary key (job_id, name),
        constraint output_name_check check (name ~ '^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$'),
        constraint output_status_check check (status in ('queued', 'completed', 'failed', 'canceled')),
        constraint output_result_check check (num_nonnulls(storage_key, value) = (status = 'completed')::integer),
        constraint output_image_check check (
          num_nulls(storage_key, format, media_type, width, height, pages, bytes, sha256) in (0, 8)),
        constraint output_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
        constraint output_error_check check ((status = 'failed') = (error_code is not null)),
        constraint output_error_detail_check check (error_code is not null or error_detail is null)
      )`);

    await runner.query(`
      create table input (
        job_id uuid not null constraint input_job_id_fkey references job (id) on delete cascade,
        position smallint not null,
        role text not null,
        storage_key text not null,
        sha256 text not null,
        bytes bigint not null,
        format text not null,
        upload_id uuid,
        from_job_id uuid,
        from_output text,

        constraint input_pkey primary key (job_id, position),
        constraint input_role_check check (role in ('source', 'overlay') and (role = 'source') = (position = 0)),
        constraint input_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
        constraint input_bytes_check check (bytes > 0),
        constraint input_origin_check check (
          num_nonnulls(from_job_id, from_output) in (0, 2) and num_nonnulls(upload_id, from_job_id) < 2)
      )`);
    await runner.query(`
      create index input_upload_idx on input (upload_id) where upload_id is not null;
      create index input_from_job_idx on input (from_job_id) where from_job_id is not null`);

    await runner.query(`
      create table upload (
        id uuid constraint upload_pkey primary key,
        storage_key text not null,
        sha256 text not null,
        bytes bigint not null,
        format text not null,
        created_at timestamptz(3) not null default date_trunc('milliseconds', now()),

        constraint upload_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
        constraint upload_bytes_check check (bytes > 0)
      )`);

    await runner.query(`
      create function job_status_changes() returns trigger language plpgsql as $$
      begin
        if tg_op = 'INSERT' or (old.status, new.status) not in (
          ('queued', 'running'), ('queued', 'canceled'),
          ('running', 'queued'), ('running', 'completed'), ('running', 'failed'), ('running', 'canceled')
        ) then
          raise exception 'a job does not become %', new.status
            using errcode = 'check_violation', constraint = 'job_status_changes', detail = format('job %s', new.id);
        end if;
        new.version := old.version + 1;
        return new;
      end $$;
      comment on function job_status_changes is
        'Refuses what the state machine does not know; a change that clients can see changes the version';
      create trigger job_created before insert on job for each row when (new.status <> 'queued') execute function job_status_changes();
      create trigger job_status_changes before update of status on job
        for each row when (old.status <> new.status) execute function job_status_changes();

      create function job_finishes_outputs() returns trigger language plpgsql as $$
      begin
        update output set status = new.status, error_code = new.error_code, error_detail = new.error_detail
        where job_id = new.id and status = 'queued';
        return null;
      end $$;
      comment on function job_finishes_outputs is 'Outputs without a result end as their job does';
      create trigger job_finishes_outputs after update of status on job
        for each row when (new.finished_at is not null) execute function job_finishes_outputs();

      create function output_result_stays() returns trigger language plpgsql as $$
      begin
        raise exception 'the result of an output is final'
          using errcode = 'check_violation', constraint = 'output_result_stays',
            detail = format('job %s, output %s', new.job_id, new.name);
      end $$;
      create trigger output_result_stays before update on output
        for each row when (old.status <> 'queued') execute function output_result_stays()`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward.');
  }
}
