/** The few statements that run for every job, by name: PostgreSQL parses and plans them once for each connection. */
import type { Pool, QueryResultRow } from 'pg';
import { EntityManager, type DataSource } from 'typeorm';

/** With an EntityManager it runs in that one's transaction. */
export type Run<Row> = (dataSource: DataSource | EntityManager, values: readonly unknown[]) => Promise<Row[]>;

export function prepared<Row extends QueryResultRow>(name: string, text: string): Run<Row> {
  return async (dataSource, values) => {
    if (dataSource instanceof EntityManager) return dataSource.query<Row[]>(text, [...values]);
    const { rows } = await poolOf(dataSource).query<Row>({ name, text, values: [...values] });
    return rows;
  };
}

/** TypeORM's own pool: its `query` cannot name a statement. */
function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { readonly master: Pool }).master;
}
