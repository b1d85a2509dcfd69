import { schemaSnapshot } from '@tintype/jobs';
import { withMigratedDatabase } from '../migrated-database.js';

/** The database as the migrations leave it, as SQL to read: a review sees what a migration changes in the whole. */
export function databaseSchema(): Promise<string> {
  return withMigratedDatabase(({ dataSource }) => schemaSnapshot(dataSource));
}
