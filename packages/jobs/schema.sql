-- Written by `make generate` from the migrations. Not run by anything.

CREATE TABLE batch (
  id uuid NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
  total integer NOT NULL,
  unfinished integer NOT NULL,
  webhook_endpoint_id uuid,
  request_id text,
  created_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds'::text, now()),
  finished_at timestamp with time zone,
  CONSTRAINT batch_pkey PRIMARY KEY (id),
  CONSTRAINT batch_webhook_endpoint_id_fkey FOREIGN KEY (webhook_endpoint_id) REFERENCES webhook_endpoint(id) ON DELETE SET NULL,
  CONSTRAINT batch_finished_check CHECK ((unfinished = 0) = (finished_at IS NOT NULL)),
  CONSTRAINT batch_metadata_check CHECK (jsonb_typeof(metadata) = 'object'::text),
  CONSTRAINT batch_unfinished_check CHECK (unfinished >= 0 AND unfinished <= total)
);
CREATE INDEX batch_finished_idx ON batch USING btree (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX batch_list_idx ON batch USING btree (created_at, id);
CREATE INDEX batch_webhook_endpoint_idx ON batch USING btree (webhook_endpoint_id) WHERE webhook_endpoint_id IS NOT NULL;

CREATE TABLE idempotency_key (
  route text NOT NULL,
  key text NOT NULL,
  token uuid NOT NULL,
  locked_until timestamp with time zone NOT NULL,
  fingerprint text,
  job_id uuid,
  batch_id uuid,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_key_pkey PRIMARY KEY (route, key),
  CONSTRAINT idempotency_key_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id) ON DELETE CASCADE,
  CONSTRAINT idempotency_key_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id) ON DELETE CASCADE,
  CONSTRAINT idempotency_key_answer_check CHECK ((fingerprint IS NOT NULL)::integer = num_nonnulls(job_id, batch_id))
);
CREATE INDEX idempotency_key_batch_idx ON idempotency_key USING btree (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX idempotency_key_created_idx ON idempotency_key USING btree (created_at);
CREATE INDEX idempotency_key_job_idx ON idempotency_key USING btree (job_id) WHERE job_id IS NOT NULL;

CREATE TABLE input (
  job_id uuid NOT NULL,
  "position" smallint NOT NULL,
  role text NOT NULL,
  storage_key text,
  sha256 text,
  bytes bigint,
  format text,
  upload_id uuid,
  from_job_id uuid,
  from_output text,
  url text,
  CONSTRAINT input_pkey PRIMARY KEY (job_id, "position"),
  CONSTRAINT input_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id) ON DELETE CASCADE,
  CONSTRAINT input_bytes_check CHECK (bytes > 0),
  CONSTRAINT input_facts_check CHECK (num_nulls(storage_key, sha256, bytes, format) = 0 OR num_nulls(storage_key, sha256, bytes, format) =
CASE
    WHEN url IS NULL THEN 0
    ELSE 4
END),
  CONSTRAINT input_origin_check CHECK ((num_nonnulls(from_job_id, from_output) = ANY (ARRAY[0, 2])) AND num_nonnulls(upload_id, from_job_id) < 2),
  CONSTRAINT input_role_check CHECK ((role = ANY (ARRAY['source'::text, 'overlay'::text])) AND (role = 'source'::text) = ("position" = 0)),
  CONSTRAINT input_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'::text),
  CONSTRAINT input_url_check CHECK (url IS NULL OR upload_id IS NULL AND from_job_id IS NULL AND "position" = 0)
);
CREATE INDEX input_from_job_idx ON input USING btree (from_job_id) WHERE from_job_id IS NOT NULL;
CREATE INDEX input_own_id_idx ON input USING btree (storage_key) WHERE upload_id IS NULL AND from_job_id IS NULL AND url IS NULL AND storage_key <> ('uploads/'::text || job_id::text);
CREATE INDEX input_upload_idx ON input USING btree (upload_id, job_id) WHERE upload_id IS NOT NULL;

CREATE TABLE installation (
  since timestamp with time zone
);

CREATE TABLE job (
  id uuid NOT NULL,
  status text NOT NULL DEFAULT 'queued'::text,
  priority smallint NOT NULL DEFAULT 0,
  attempt smallint NOT NULL DEFAULT 0,
  max_attempts smallint NOT NULL DEFAULT 5,
  crash_count smallint NOT NULL DEFAULT 0,
  max_crashes smallint NOT NULL DEFAULT 3,
  generation integer NOT NULL DEFAULT 0,
  run_at timestamp with time zone NOT NULL DEFAULT now(),
  lease_token uuid,
  lease_expires_at timestamp with time zone,
  worker_id text,
  cancel_requested_at timestamp with time zone,
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
  source_format text,
  source_width integer,
  source_height integer,
  source_pages integer,
  error_code text,
  error_detail text,
  error_output text,
  version integer NOT NULL DEFAULT 1,
  request_id text,
  trace text,
  created_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds'::text, now()),
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  retries smallint NOT NULL DEFAULT 0,
  stage text,
  outputs_done smallint NOT NULL DEFAULT 0,
  last_error_code text,
  last_error_detail text,
  results_expired_at timestamp with time zone,
  batch_id uuid,
  webhook_endpoint_id uuid,
  CONSTRAINT job_pkey PRIMARY KEY (id),
  CONSTRAINT job_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id) ON DELETE CASCADE,
  CONSTRAINT job_webhook_endpoint_id_fkey FOREIGN KEY (webhook_endpoint_id) REFERENCES webhook_endpoint(id) ON DELETE SET NULL,
  CONSTRAINT job_attempt_check CHECK (attempt >= 0 AND attempt <= max_attempts AND attempt <= generation),
  CONSTRAINT job_cancel_check CHECK (cancel_requested_at IS NULL OR (status = ANY (ARRAY['running'::text, 'canceled'::text]))),
  CONSTRAINT job_crash_check CHECK (crash_count >= 0 AND crash_count <= max_crashes),
  CONSTRAINT job_error_check CHECK ((status = 'failed'::text) = (error_code IS NOT NULL)),
  CONSTRAINT job_error_detail_check CHECK (error_code IS NOT NULL OR num_nonnulls(error_detail, error_output) = 0),
  CONSTRAINT job_finished_check CHECK ((status = ANY (ARRAY['completed'::text, 'failed'::text, 'canceled'::text])) = (finished_at IS NOT NULL)),
  CONSTRAINT job_last_error_check CHECK (last_error_code IS NOT NULL OR last_error_detail IS NULL),
  CONSTRAINT job_lease_check CHECK ((status = 'running'::text) = (lease_expires_at IS NOT NULL)),
  CONSTRAINT job_metadata_check CHECK (jsonb_typeof(metadata) = 'object'::text),
  CONSTRAINT job_priority_check CHECK (priority >= '-1'::integer AND priority <= 1),
  CONSTRAINT job_results_expired_check CHECK (results_expired_at IS NULL OR finished_at IS NOT NULL),
  CONSTRAINT job_source_check CHECK (num_nulls(source_format, source_width, source_height, source_pages) = ANY (ARRAY[0, 4])),
  CONSTRAINT job_stage_check CHECK (stage IS NULL OR (stage = ANY (ARRAY['fetch'::text, 'process'::text, 'store'::text])) AND status = 'running'::text),
  CONSTRAINT job_started_check CHECK ((status <> ALL (ARRAY['running'::text, 'completed'::text, 'failed'::text])) OR started_at IS NOT NULL),
  CONSTRAINT job_status_check CHECK (status = ANY (ARRAY['queued'::text, 'running'::text, 'completed'::text, 'failed'::text, 'canceled'::text])),
  CONSTRAINT job_token_check CHECK (status <> 'running'::text OR lease_token IS NOT NULL AND worker_id IS NOT NULL)
);
CREATE INDEX job_batch_idx ON job USING btree (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX job_due_idx ON job USING btree (priority DESC, run_at, id) WHERE status = 'queued'::text;
CREATE INDEX job_finished_idx ON job USING btree (finished_at) WHERE finished_at IS NOT NULL AND results_expired_at IS NULL;
CREATE INDEX job_lease_idx ON job USING btree (lease_token) WHERE status = 'running'::text;
CREATE INDEX job_list_idx ON job USING btree (created_at, id);
CREATE INDEX job_status_list_idx ON job USING btree (status, created_at, id) WHERE status <> 'running'::text;
CREATE INDEX job_webhook_endpoint_idx ON job USING btree (webhook_endpoint_id) WHERE webhook_endpoint_id IS NOT NULL;
CREATE TRIGGER job_begins_anew AFTER UPDATE OF status ON job FOR EACH ROW WHEN (old.status = 'failed'::text AND new.status = 'queued'::text) EXECUTE FUNCTION job_begins_anew();
CREATE TRIGGER job_counts_in_batch AFTER UPDATE OF status ON job FOR EACH ROW WHEN (old.batch_id IS NOT NULL AND (old.finished_at IS NULL) <> (new.finished_at IS NULL)) EXECUTE FUNCTION job_counts_in_batch();
CREATE TRIGGER job_created BEFORE INSERT ON job FOR EACH ROW WHEN (new.status <> 'queued'::text) EXECUTE FUNCTION job_status_changes();
CREATE TRIGGER job_finishes_outputs AFTER UPDATE OF status ON job FOR EACH ROW WHEN (new.finished_at IS NOT NULL) EXECUTE FUNCTION job_finishes_outputs();
CREATE TRIGGER job_keeps_history AFTER UPDATE OF status ON job FOR EACH ROW WHEN (old.status <> new.status) EXECUTE FUNCTION job_keeps_history();
CREATE TRIGGER job_leaves_batch AFTER DELETE ON job FOR EACH ROW WHEN (old.batch_id IS NOT NULL AND old.finished_at IS NULL) EXECUTE FUNCTION job_counts_in_batch();
CREATE TRIGGER job_status_changes BEFORE UPDATE OF status ON job FOR EACH ROW WHEN (old.status <> new.status) EXECUTE FUNCTION job_status_changes();
CREATE TRIGGER job_tells_webhooks AFTER UPDATE OF status ON job FOR EACH ROW WHEN (old.finished_at IS NULL AND new.finished_at IS NOT NULL) EXECUTE FUNCTION job_tells_webhooks();

CREATE TABLE job_event (
  job_id uuid NOT NULL,
  version integer NOT NULL,
  status text NOT NULL,
  retries smallint NOT NULL,
  attempt smallint NOT NULL,
  worker_id text,
  error_code text,
  error_detail text,
  at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT job_event_pkey PRIMARY KEY (job_id, version),
  CONSTRAINT job_event_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX job_event_final_idx ON job_event USING btree (job_id, retries) WHERE status = ANY (ARRAY['completed'::text, 'failed'::text, 'canceled'::text]);

CREATE TABLE output (
  job_id uuid NOT NULL,
  name text NOT NULL,
  "position" smallint NOT NULL,
  spec jsonb NOT NULL,
  status text NOT NULL DEFAULT 'queued'::text,
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
  CONSTRAINT output_pkey PRIMARY KEY (job_id, name),
  CONSTRAINT output_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id) ON DELETE CASCADE,
  CONSTRAINT output_error_check CHECK ((status = 'failed'::text) = (error_code IS NOT NULL)),
  CONSTRAINT output_error_detail_check CHECK (error_code IS NOT NULL OR error_detail IS NULL),
  CONSTRAINT output_image_check CHECK (num_nulls(storage_key, format, media_type, width, height, pages, bytes, sha256) = ANY (ARRAY[0, 8])),
  CONSTRAINT output_name_check CHECK (name ~ '^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$'::text),
  CONSTRAINT output_result_check CHECK (num_nonnulls(storage_key, value) = (status = 'completed'::text)::integer),
  CONSTRAINT output_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'::text),
  CONSTRAINT output_status_check CHECK (status = ANY (ARRAY['queued'::text, 'completed'::text, 'failed'::text, 'canceled'::text]))
);
CREATE TRIGGER output_result_stays BEFORE UPDATE ON output FOR EACH ROW WHEN (old.status <> 'queued'::text AND new.status <> 'queued'::text) EXECUTE FUNCTION output_result_stays();

CREATE TABLE upkeep (
  task text NOT NULL,
  active_at timestamp with time zone NOT NULL,
  succeeded_at timestamp with time zone,
  CONSTRAINT upkeep_pkey PRIMARY KEY (task)
);

CREATE TABLE upload (
  id uuid NOT NULL,
  storage_key text NOT NULL,
  sha256 text NOT NULL,
  bytes bigint NOT NULL,
  format text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds'::text, now()),
  CONSTRAINT upload_pkey PRIMARY KEY (id),
  CONSTRAINT upload_bytes_check CHECK (bytes > 0),
  CONSTRAINT upload_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'::text)
);
CREATE INDEX upload_created_idx ON upload USING btree (created_at);

CREATE TABLE webhook_attempt (
  delivery_id uuid NOT NULL,
  number smallint NOT NULL,
  at timestamp with time zone NOT NULL,
  duration_ms integer NOT NULL,
  status_code smallint,
  error text,
  response text,
  CONSTRAINT webhook_attempt_pkey PRIMARY KEY (delivery_id, number),
  CONSTRAINT webhook_attempt_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES webhook_delivery(id) ON DELETE CASCADE,
  CONSTRAINT webhook_attempt_answer_check CHECK (num_nonnulls(status_code, error) > 0)
);

CREATE TABLE webhook_delivery (
  id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  lane uuid NOT NULL,
  job_id uuid,
  batch_id uuid,
  type text NOT NULL,
  body text,
  status text NOT NULL DEFAULT 'pending'::text,
  attempt smallint NOT NULL DEFAULT 0,
  next_at timestamp with time zone NOT NULL DEFAULT now(),
  lock_token uuid,
  locked_until timestamp with time zone,
  created_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds'::text, now()),
  finished_at timestamp with time zone,
  CONSTRAINT webhook_delivery_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_delivery_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id) ON DELETE CASCADE,
  CONSTRAINT webhook_delivery_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoint(id) ON DELETE CASCADE,
  CONSTRAINT webhook_delivery_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id) ON DELETE CASCADE,
  CONSTRAINT webhook_delivery_finished_check CHECK ((status = 'pending'::text) = (finished_at IS NULL)),
  CONSTRAINT webhook_delivery_lock_check CHECK ((lock_token IS NULL) = (locked_until IS NULL)),
  CONSTRAINT webhook_delivery_status_check CHECK (status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])),
  CONSTRAINT webhook_delivery_subject_check CHECK (num_nonnulls(job_id, batch_id) < 2)
);
CREATE INDEX webhook_delivery_batch_idx ON webhook_delivery USING btree (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX webhook_delivery_due_idx ON webhook_delivery USING btree (lane, next_at) WHERE status = 'pending'::text;
CREATE INDEX webhook_delivery_endpoint_idx ON webhook_delivery USING btree (endpoint_id, created_at, id);
CREATE INDEX webhook_delivery_failed_idx ON webhook_delivery USING btree (created_at, id) WHERE status = 'failed'::text;
CREATE INDEX webhook_delivery_job_idx ON webhook_delivery USING btree (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX webhook_delivery_list_idx ON webhook_delivery USING btree (created_at, id);
CREATE INDEX webhook_delivery_locked_idx ON webhook_delivery USING btree (lane) WHERE lock_token IS NOT NULL;

CREATE TABLE webhook_endpoint (
  id uuid NOT NULL,
  url text NOT NULL,
  secret text NOT NULL,
  previous_secret text,
  previous_secret_expires_at timestamp with time zone,
  events text[],
  registered boolean NOT NULL,
  lane uuid NOT NULL,
  description text,
  disabled_at timestamp with time zone,
  disabled_reason text,
  failing_since timestamp with time zone,
  created_at timestamp(3) with time zone NOT NULL DEFAULT date_trunc('milliseconds'::text, now()),
  CONSTRAINT webhook_endpoint_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_endpoint_disabled_check CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
  CONSTRAINT webhook_endpoint_previous_check CHECK ((previous_secret IS NULL) = (previous_secret_expires_at IS NULL)),
  CONSTRAINT webhook_endpoint_reason_check CHECK (disabled_reason = ANY (ARRAY['requested'::text, 'gone'::text, 'failing'::text])),
  CONSTRAINT webhook_endpoint_url_check CHECK (url ~ '^https?://'::text)
);
CREATE INDEX webhook_endpoint_created_idx ON webhook_endpoint USING btree (created_at) WHERE NOT registered;
CREATE INDEX webhook_endpoint_list_idx ON webhook_endpoint USING btree (created_at, id) WHERE registered;
CREATE UNIQUE INDEX webhook_endpoint_of_jobs_idx ON webhook_endpoint USING btree (url, secret, events) NULLS NOT DISTINCT WHERE NOT registered;

CREATE OR REPLACE FUNCTION job_begins_anew()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      begin
        update output set status = 'queued', format = null, media_type = null, width = null, height = null, pages = null,
          bytes = null, sha256 = null, storage_key = null, value = null, error_code = null, error_detail = null
        where job_id = new.id;
        return null;
      end $function$;

CREATE OR REPLACE FUNCTION job_counts_in_batch()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
      end $function$;

CREATE OR REPLACE FUNCTION job_finishes_outputs()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      begin
        update output set status = new.status, error_code = new.error_code, error_detail = new.error_detail
        where job_id = new.id and status = 'queued';
        return null;
      end $function$;

CREATE OR REPLACE FUNCTION job_keeps_history()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      begin
        insert into job_event (job_id, version, status, retries, attempt, worker_id, error_code, error_detail)
        values (
          new.id, new.version, new.status, new.retries, new.attempt,
          case when 'running' in (old.status, new.status) then new.worker_id end,
          case new.status when 'failed' then new.error_code when 'queued' then new.last_error_code end,
          case new.status when 'failed' then new.error_detail when 'queued' then new.last_error_detail end);
        return null;
      end $function$;

CREATE OR REPLACE FUNCTION job_status_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
      end $function$;

CREATE OR REPLACE FUNCTION job_tells_webhooks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      begin
        insert into webhook_delivery (id, endpoint_id, lane, job_id, type)
        select gen_random_uuid(), id, lane, new.id, 'job.' || new.status from webhook_endpoint
        where (registered or id = new.webhook_endpoint_id) and disabled_at is null
          and (events is null or 'job.' || new.status = any (events));
        return null;
      end $function$;

CREATE OR REPLACE FUNCTION output_result_stays()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      begin
        raise exception 'the result of an output is final'
          using errcode = 'check_violation', constraint = 'output_result_stays',
            detail = format('job %s, output %s', new.job_id, new.name);
      end $function$;
