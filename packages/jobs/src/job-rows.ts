/** From rows to entities: for statements of our own that return whole jobs, with the columns' one description, the entities. */
import type { DataSource, ObjectLiteral } from 'typeorm';
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

/** A row of `selectJob`, or one that was just inserted: what it leaves out has its default. */
export type JobRow = Row & { readonly outputs: readonly Row[] | null; readonly inputs: readonly Row[] | null };

export function jobFromRow(dataSource: DataSource, row: JobRow): Job {
  const job = entityFromRow(dataSource, Job, row);
  job.outputs = (row.outputs ?? []).map((output) => entityFromRow(dataSource, JobOutput, output));
  job.inputs = (row.inputs ?? []).map((input) => entityFromRow(dataSource, JobInput, input));
  return job;
}

export function entityFromRow<Entity extends ObjectLiteral>(dataSource: DataSource, target: new () => Entity, row: Row): Entity {
  const entity: ObjectLiteral = new target();
  for (const { property, column, byDefault, convert } of fieldsOf(dataSource, target)) {
    const value = row[column] ?? byDefault;
    entity[property] = convert ? convert(value) : value;
  }
  return entity as Entity;
}

type EntityMetadata = ReturnType<DataSource['getMetadata']>;

interface Field {
  readonly property: string;
  readonly column: string;
  readonly byDefault: unknown;
  readonly convert: ((value: unknown) => unknown) | undefined;
}

const fields = new WeakMap<EntityMetadata, readonly Field[]>();

/** The few facts that are needed of TypeORM's long descriptions: every request and every attempt comes through here. */
function fieldsOf(dataSource: DataSource, target: new () => ObjectLiteral): readonly Field[] {
  const metadata = dataSource.getMetadata(target);
  const known = fields.get(metadata) ?? metadata.columns.map((column) => fieldOf(dataSource, column));
  fields.set(metadata, known);
  return known;
}

function fieldOf({ driver }: DataSource, column: EntityMetadata['columns'][number]): Field {
  const converts = column.transformer !== undefined || column.type === 'timestamptz';
  return {
    property: column.propertyName,
    column: column.databaseName,
    byDefault: typeof column.default === 'function' ? null : (column.default ?? null),
    convert: converts ? (value) => driver.prepareHydratedValue(value, column) : undefined,
  };
}
