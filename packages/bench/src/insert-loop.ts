/** `insert-loop.js URL CONNECTIONS ROW`: inserts the rows of a job on so many connections, over and over. */
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { repeatOnDemand } from './loop.js';

/** What differs between two jobs is made anew for each. */
export interface JobRows {
  readonly spec: unknown;
  readonly upload_id: string;
  readonly storage_key: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly format: string;
}

const [connectionString, connections = '', json = ''] = process.argv.slice(2);
const rows = JSON.parse(json) as JobRows;
const pool = new pg.Pool({ connectionString, max: Number(connections) });

const text = `with new_job as (insert into job (id) values ($1)),
  new_output as (insert into output (job_id, position, name, spec) values ($1, 0, $2, $3))
  insert into input (job_id, position, role, storage_key, sha256, bytes, format, upload_id) values ($1, 0, 'source', $4, $5, $6, $7, $8)`;

repeatOnDemand(insert, Number(connections));

async function insert(): Promise<void> {
  const { spec, storage_key, sha256, bytes, format, upload_id } = rows;
  const values = [uuidv7(), 'thumb', JSON.stringify(spec), storage_key, sha256, bytes, format, upload_id];
  await pool.query({ name: 'insert', text, values });
}
