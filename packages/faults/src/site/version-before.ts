/**
 * The version before, as far as the database sees it: the statements that its API and its worker send, kept here as its programs are
 * not. It knows nothing of the columns and tables that came since.
 */
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Storage } from '@tintype/storage';
import { Output } from '@tintype/operations';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { make, type Recipe } from './recipes.js';

interface Claimed {
  readonly id: string;
  readonly generation: number;
  readonly token: string;
}

export class VersionBefore {
  /** What the database refused. */
  readonly errors: string[] = [];
  readonly #pool: pg.Pool;
  readonly #recipes = new Map<string, Recipe>();

  constructor(
    url: string,
    private readonly storage: Storage,
  ) {
    this.#pool = new pg.Pool({ connectionString: url, max: 4, statement_timeout: 15_000 });
    this.#pool.on('error', () => undefined);
  }

  /** As its API does with an image that comes with a job. Resolves to the id of the job. */
  async accept(recipe: Recipe): Promise<string | undefined> {
    const [id, storageKey] = [uuidv7(), `uploads/${uuidv7()}`];
    await this.storage.put(storageKey, Readable.from([recipe.source]));
    const outputs = recipe.outputs.map((output, position) => ({ position, spec: Output.parse({ operations: [], ...output }) }));
    const input = {
      storage_key: storageKey,
      sha256: createHash('sha256').update(recipe.source).digest('hex'),
      bytes: recipe.source.length,
      format: 'jpeg',
    };
    const rows = await this.#query(insertJob, [id, JSON.stringify(outputs), JSON.stringify(input)]);
    if (!rows) return undefined;
    this.#recipes.set(id, recipe);
    return id;
  }

  /** A job that is due, held for half a minute. */
  async claim(): Promise<Claimed | undefined> {
    const token = randomUUID();
    const [row] = (await this.#query(claimJob, [token])) ?? [];
    return row && { id: String(row['id']), generation: Number(row['generation']), token };
  }

  /** Makes and records the results of one of its own jobs; others it gives back. */
  async complete({ id, generation, token }: Claimed): Promise<void> {
    const recipe = this.#recipes.get(id);
    if (!recipe) return void (await this.#query(releaseJob, [id, token]));
    const results = await make(recipe);
    for (const { name, bytes } of results) {
      await this.storage.put(outputKey(id, generation, name), Readable.from([bytes]));
    }
    const rows = results.map(({ bytes, ...result }) => ({
      ...result,
      status: 'completed',
      bytes: bytes.length,
      storage_key: outputKey(id, generation, result.name),
    }));
    await this.#query(completeJob, [id, token, JSON.stringify(rows)]);
  }

  async fail({ id, token }: Claimed): Promise<void> {
    await this.#query(failJob, [id, token]);
  }

  async cancel(id: string): Promise<void> {
    await this.#query(cancelJob, [id]);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #query(sql: string, values: readonly unknown[]): Promise<Record<string, unknown>[] | undefined> {
    try {
      return (await this.#pool.query<Record<string, unknown>>(sql, [...values])).rows;
    } catch (error) {
      this.errors.push(String(error));
      return undefined;
    }
  }
}

function outputKey(id: string, generation: number, name: string): string {
  return `outputs/${id.slice(-2)}/${id}-${generation}-${name}`;
}

const insertJob = `with new_job as (
    insert into job (id, priority, metadata, request_id, trace) values ($1, 0, '{}', null, null) returning id
  ), new_output as (
    insert into output (job_id, position, name, spec)
    select new_job.id, item.position, item.spec ->> 'name', item.spec
    from new_job, jsonb_to_recordset($2::jsonb) as item(position smallint, spec jsonb)
  )
  insert into input (job_id, position, role, storage_key, sha256, bytes, format, upload_id, from_job_id, from_output)
  select new_job.id, 0, 'source', item.*, null, null, null
  from new_job, jsonb_to_record($3::jsonb) as item(storage_key text, sha256 text, bytes bigint, format text)`;

const claimJob = `with due as (
    select id from job where status = 'queued' and run_at <= now()
    order by priority desc, run_at, id limit 1 for no key update skip locked
  )
  update job set
    status = 'running', generation = generation + 1, attempt = attempt + 1,
    lease_token = $1, lease_expires_at = now() + interval '30 seconds', worker_id = 'version before',
    started_at = coalesce(started_at, now())
  from due where job.id = due.id
  returning job.*`;

const completeJob = `with held as (
    select id, cancel_requested_at is not null as canceled from job
    where id = $1 and lease_token = $2 and status = 'running' for no key update
  ), written as (
    update output set
      status = result.status, format = result.format, media_type = result.media_type, width = result.width, height = result.height,
      pages = result.pages, bytes = result.bytes, sha256 = result.sha256, storage_key = result.storage_key
    from held, jsonb_to_recordset($3::jsonb) as result(
      name text, status text, format text, media_type text, width integer, height integer, pages integer, bytes bigint,
      sha256 text, storage_key text)
    where output.job_id = held.id and output.name = result.name and not held.canceled
  )
  update job set
    status = case when held.canceled then 'canceled' else 'completed' end,
    source_format = 'jpeg', source_width = 1, source_height = 1, source_pages = 1, lease_expires_at = null, finished_at = now()
  from held where job.id = held.id`;

const failJob = `update job set status = 'failed', lease_expires_at = null, finished_at = now(), error_code = 'processing_failed'
  where id = $1 and lease_token = $2 and status = 'running'`;

const releaseJob = `update job set status = 'queued', run_at = now(), lease_expires_at = null, attempt = attempt - 1
  where id = $1 and lease_token = $2 and status = 'running'`;

const cancelJob = `update job set status = 'canceled', finished_at = now(), cancel_requested_at = now()
  where id = $1 and status = 'queued'`;
