/** The database as SQL that people can read, from PostgreSQL's own catalogue: reviewed together with a migration. */
import type { DataSource } from 'typeorm';

const heading = '-- Written by `make generate` from the migrations. Not run by anything.';

/** Tables with constraints, indexes and triggers, then functions; in a fixed order, so that equal schemas give equal text. */
export async function schemaSnapshot(dataSource: DataSource): Promise<string> {
  const tables = await dataSource.query<Table[]>(describeTables);
  const functions = await dataSource.query<{ definition: string }[]>(describeFunctions);
  const parts = [...tables.map(tableText), ...functions.map(({ definition }) => `${definition.trimEnd()};`)];
  return `${heading}\n\n${parts.join('\n\n')}\n`;
}

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly constraints: readonly string[];
  readonly indexes: readonly string[];
  readonly triggers: readonly string[];
}

function tableText({ name, columns, constraints, indexes, triggers }: Table): string {
  const body = [...columns, ...constraints].map((line) => `  ${line}`).join(',\n');
  return [`CREATE TABLE ${name} (\n${body}\n);`, ...[...indexes, ...triggers].map((line) => `${line};`)].join('\n');
}

// The list of applied migrations is TypeORM's.
const describeTables = `select
    relname as name,
    array(
      select concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod), case when attnotnull then 'NOT NULL' end,
        'DEFAULT ' || (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = attrelid and adnum = attnum))
      from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped order by attnum
    ) as columns,
    array(
      select format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid, true)) from pg_constraint
      where conrelid = pg_class.oid and contype <> 'n' order by array_position('{p,f,u,c}', contype::text), conname
    ) as constraints,
    array(
      select replace(pg_get_indexdef(indexrelid, 0, true), ' public.', ' ') from pg_index
      where indrelid = pg_class.oid and not exists (select from pg_constraint where conindid = indexrelid)
      order by indexrelid::regclass::text
    ) as indexes,
    array(
      select replace(pg_get_triggerdef(oid, true), ' public.', ' ') from pg_trigger
      where tgrelid = pg_class.oid and not tgisinternal order by tgname
    ) as triggers
  from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'migration'
  order by relname`;

const describeFunctions = `select replace(pg_get_functiondef(oid), ' public.', ' ') as definition
  from pg_proc where pronamespace = 'public'::regnamespace order by proname`;
