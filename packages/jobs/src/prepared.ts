/** The few statements that run for every job, by name: PostgreSQL parses and plans them once for each connection. */
import type { Pool, QueryResultRow } from 'pg';
import { EntityManager, type DataSource } from 'typeorm';
import type { PoolState } from './measured-pool.js';
import { named, type StatementName } from './statements.js';

/** With an EntityManager it runs in that one's transaction. */
export type Run<Row> = (dataSource: DataSource | EntityManager, values: readonly unknown[]) => Promise<Row[]>;

export function prepared<Row extends QueryResultRow>(name: StatementName, statement: string): Run<Row> {
  const text = named(name, statement);
  return async (dataSource, values) => {
    if (dataSource instanceof EntityManager) return dataSource.query<Row[]>(text, [...values]);
    const { rows } = await poolOf(dataSource).query<Row>({ name, text, values: [...values] });
    return rows;
  };
}

/** Of the connections of this process. */
export function poolState(dataSource: DataSource): PoolState {
  const { idleCount, totalCount, waitingCount, options } = poolOf(dataSource);
  return { idle: idleCount, used: totalCount - idleCount, max: options.max, waiting: waitingCount };
}

/** TypeORM's own pool: its `query` cannot name a statement. */
function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { readonly master: Pool }).master;
}
