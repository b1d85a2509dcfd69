import type { Pool } from 'pg';
import { JobDatabase } from './spec/job-database.js';

test('a connection that breaks while it is given away does not end the process', async () => {
  const jobs = await JobDatabase.open();
  const pool = (jobs.dataSource.driver as unknown as { readonly master: Pool }).master;
  await new Promise<void>((resolve) => {
    pool.connect((_, client, release) => {
      expect(() => client?.emit('error', new Error('terminating connection'))).not.toThrow();
      release(true);
      resolve();
    });
  });
  expect(await jobs.dataSource.query('select 1 as one')).toEqual([{ one: 1 }]);
  await jobs.close();
});
