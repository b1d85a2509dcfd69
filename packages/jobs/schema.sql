-- Written by `make generate` from the migrations. Not run by anything.

CREATE TABLE input (
  job_id uuid NOT NULL,
  "position" smallint NOT NULL,
  role text NOT NULL,
  storage_key text NOT NULL,
  sha256 text NOT NULL,
  bytes bigint NOT NULL,
  format text NOT NULL,
  upload_id uuid,
  from_job_id uuid,
  from_output text,
  CONSTRAINT input_pkey PRIMARY KEY (job_id, "position"),
  CONSTRAINT input_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id) ON DELETE CASCADE,
  CONSTRAINT input_bytes_check CHECK (bytes > 0),
  CONSTRAINT input_origin_check CHECK ((num_nonnulls(from_job_id, from_output) = ANY (ARRAY[0, 2])) AND num_nonnulls(upload_id, from_job_id) < 2),
  CONSTRAINT input_role_check CHECK ((role = ANY (ARRAY['source'::text, 'overlay'::text])) AND (role = 'source'::text) = ("position" = 0)),
  CONSTRAINT input_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$'::text)
);
CREATE INDEX input_from_job_idx ON input USING btree (from_job_id) WHERE from_job_id IS NOT NULL;
CREATE INDEX input_upload_idx ON input USING btree (upload_id) WHERE upload_id IS NOT NULL;

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
  CONSTRAINT job_pkey PRIMARY KEY (id),
  CONSTRAINT job_attempt_check CHECK (attempt >= 0 AND attempt <= max_attempts AND attempt <= generation),
  CONSTRAINT job_cancel_check CHECK (cancel_requested_at IS NULL OR (status = ANY (ARRAY['running'::text, 'canceled'::text]))),
  CONSTRAINT job_crash_check CHECK (crash_count >= 0 AND crash_count <= max_crashes),
  CONSTRAINT job_error_check CHECK ((status = 'failed'::text) = (error_code IS NOT NULL)),
  CONSTRAINT job_error_detail_check CHECK (error_code IS NOT NULL OR num_nonnulls(error_detail, error_output) = 0),
  CONSTRAINT job_finished_check CHECK ((status = ANY (ARRAY['completed'::text, 'failed'::text, 'canceled'::text])) = (finished_at IS NOT NULL)),
  CONSTRAINT job_lease_check CHECK ((status = 'running'::text) = (lease_expires_at IS NOT NULL)),
  CONSTRAINT job_metadata_check CHECK (jsonb_typeof(metadata) = 'object'::text),
  CONSTRAINT job_source_check CHECK (num_nulls(source_format, source_width, source_height, source_pages) = ANY (ARRAY[0, 4])),
  CONSTRAINT job_started_check CHECK ((status <> ALL (ARRAY['running'::text, 'completed'::text, 'failed'::text])) OR started_at IS NOT NULL),
  CONSTRAINT job_status_check CHECK (status = ANY (ARRAY['queued'::text, 'running'::text, 'completed'::text, 'failed'::text, 'canceled'::text])),
  CONSTRAINT job_token_check CHECK (status <> 'running'::text OR lease_token IS NOT NULL AND worker_id IS NOT NULL)
);
CREATE INDEX job_due_idx ON job USING btree (priority DESC, run_at, id) WHERE status = 'queued'::text;
CREATE INDEX job_lease_idx ON job USING btree (lease_expires_at) WHERE status = 'running'::text;
CREATE INDEX job_list_idx ON job USING btree (created_at, id);
CREATE INDEX job_status_list_idx ON job USING btree (status, created_at, id);
CREATE TRIGGER job_created BEFORE INSERT ON job FOR EACH ROW WHEN (new.status <> 'queued'::text) EXECUTE FUNCTION job_status_changes();
CREATE TRIGGER job_finishes_outputs AFTER UPDATE OF status ON job FOR EACH ROW WHEN (new.finished_at IS NOT NULL) EXECUTE FUNCTION job_finishes_outputs();
CREATE TRIGGER job_status_changes BEFORE UPDATE OF status ON job FOR EACH ROW WHEN (old.status <> new.status) EXECUTE FUNCTION job_status_changes();

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
CREATE TRIGGER output_result_stays BEFORE UPDATE ON output FOR EACH ROW WHEN (old.status <> 'queued'::text) EXECUTE FUNCTION output_result_stays();

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

CREATE OR REPLACE FUNCTION job_finishes_outputs()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      begin
        update output set status = new.status, error_code = new.error_code, error_detail = new.error_detail
        where job_id = new.id and status = 'queued';
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
        ) then
          raise exception 'a job does not become %', new.status
            using errcode = 'check_violation', constraint = 'job_status_changes', detail = format('job %s', new.id);
        end if;
        new.version := old.version + 1;
        return new;
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
