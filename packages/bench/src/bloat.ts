import { setTimeout as sleep } from 'node:timers/promises';
import { ExpiredLeases } from '@tintype/jobs';
import { insertFinishedJobs } from '@tintype/jobs/testing';
import type { DataSource } from 'typeorm';
import type { Benchmark } from './benchmark.js';
import { JobLoop } from './job-loop.js';
import { Stack } from './stack.js';

const jobs = 20_000;
const workers = 8;
const mostQueued = 1_000;
const tables = ['job', 'output', 'input', 'job_event'];
const indexes = ['job_due_idx', 'job_lease_idx', 'job_list_idx', 'job_status_list_idx', 'job_pkey', 'output_pkey'];

export const bloat: Benchmark = {
  name: 'bloat',
  title: 'Space under load',
  how: `Tables and indexes after ${jobs.toLocaleString('en')} jobs more than the ${jobs.toLocaleString('en')} that there were, each created, claimed, reported on twice and completed,
by ${workers} workers at a time, as fast as they can, while expired leases are looked for as workers do; autovacuum as PostgreSQL has it by default. Against
the space of the same rows freshly written (\`vacuum full\`). Indexes of what is queued or running are empty then.`,
  columns: ['table or index', 'rows', 'size', 'freshly written', 'ratio', 'dead rows'],
  async *rows({ quick, progress }) {
    const stack = await Stack.open('postgres');
    try {
      const { dataSource } = stack;
      const count = quick ? 500 : jobs;
      await dataSource.query('create extension pgstattuple');
      await insertFinishedJobs(dataSource, count);
      await rewrite(dataSource);
      progress(`${count} jobs at ${(await run(dataSource, count)).toFixed(0)} a second`);
      const used = await sizes(dataSource);
      await rewrite(dataSource);
      const fresh = await sizes(dataSource);
      for (const [index, size] of used.entries()) yield row(size, fresh[index]);
    } finally {
      await stack.close();
    }
  },
};

function row({ name, rows, bytes, dead }: Size, fresh: Size | undefined): string[] {
  const ratio = fresh && fresh.rows > 0 ? `**${(bytes / fresh.bytes).toFixed(2)}**` : '';
  const share = dead === null ? '' : `${dead.toFixed(1)} %`;
  return [name, dead === null ? '' : String(rows), kilobytes(bytes), kilobytes(fresh?.bytes ?? 0), ratio, share];
}

/** Resolves to how many jobs were done each second. */
async function run(dataSource: DataSource, count: number): Promise<number> {
  const loop = new JobLoop(dataSource);
  const leases = new ExpiredLeases(dataSource);
  const counts = { created: 0, done: 0 };
  const begun = performance.now();
  const client = async (): Promise<void> => {
    while (counts.created < count) {
      if (counts.created - counts.done >= mostQueued) await sleep(5);
      else {
        counts.created += 1;
        await loop.create();
      }
    }
  };
  const worker = async (): Promise<void> => {
    while (counts.done < count) {
      let job = await loop.claim();
      if (!job) await sleep(5);
      while (job) {
        job = await loop.complete(job, true);
        counts.done += 1;
      }
    }
  };
  const sweeper = async (): Promise<void> => {
    while (counts.done < count) {
      await leases.sweep();
      await sleep(1_500);
    }
  };
  await Promise.all([sweeper(), client(), client(), ...Array.from({ length: workers }, worker)]);
  return (count / (performance.now() - begun)) * 1000;
}

interface Size {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** Per cent; null for an index. */
  readonly dead: number | null;
}

async function sizes(dataSource: DataSource): Promise<Size[]> {
  return dataSource.query<Size[]>(
    `select name, pg_relation_size(name::regclass)::float8 as bytes, (pgstattuple(name)).dead_tuple_percent as dead,
      (pgstattuple(name)).tuple_count::float8 as rows
    from unnest($1::text[]) as name
    union all
    select name, pg_relation_size(name::regclass)::float8, null, (pgstattuple(name)).tuple_count::float8 from unnest($2::text[]) as name`,
    [tables, indexes],
  );
}

async function rewrite(dataSource: DataSource): Promise<void> {
  for (const table of tables) await dataSource.query(`vacuum (full, analyze) ${table}`);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toLocaleString('en', { maximumFractionDigits: 0 })} kB`;
}
