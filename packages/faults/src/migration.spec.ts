import { expectHolds } from './report.js';
import { migrated } from './scenarios/migration.js';
import { sized } from './size.js';

/**
 * Covered: rows of the version before in every state; its statements for accepting, claiming, completing and giving back, before,
 * during and after the migration; our API and worker beside it on the same tables. Not covered: its programs themselves, and clients
 * that ask it about jobs.
 */
test('F24 the version before serves on while its tables become ours, and no job is lost between both', async () => {
  expectHolds(await migrated({ jobs: sized({ ci: 60, full: 500 }) }));
}, 300_000);
