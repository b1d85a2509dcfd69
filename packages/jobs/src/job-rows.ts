/** From rows to entities: for statements of our own that return whole jobs, with the columns' one description, the entities. */
import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { Job } from './job.entity.js';
import { JobInput } from './job-input.entity.js';
import { JobOutput } from './job-output.entity.js';

type Row = Readonly<Record<string, unknown>>;

/** Selects a job with its outputs and inputs; `job` is the name of a table or a common table expression. */
export function selectJob(job: string): string {
  return `select ${job}.*,
    (select json_agg(output order by output.position) from output where output.job_id = ${job}.id) as outputs,
    (select json_agg(input order by input.position) from input where input.job_id = ${job}.id) as inputs
  from ${job}`;
}

/** A row of `selectJob`. */
export type JobRow = Row & { readonly outputs: readonly Row[] | null; readonly inputs: readonly Row[] | null };

export function jobFromRow(dataSource: DataSource, row: JobRow): Job {
  const job = entityFromRow(dataSource, Job, row);
  job.outputs = (row.outputs ?? []).map((output) => entityFromRow(dataSource, JobOutput, output));
  job.inputs = (row.inputs ?? []).map((input) => entityFromRow(dataSource, JobInput, input));
  return job;
}

function entityFromRow<Entity extends ObjectLiteral>(dataSource: DataSource, target: EntityTarget<Entity>, row: Row): Entity {
  const metadata = dataSource.getMetadata(target);
  const entity = metadata.create() as Entity;
  for (const column of metadata.columns) {
    column.setEntityValue(entity, dataSource.driver.prepareHydratedValue(row[column.databaseName] ?? null, column));
  }
  return entity;
}
