import { expectHolds } from './report.js';
import { badDays, fullDisk } from './scenarios/storage.js';
import { sized } from './size.js';

test.each(sized({ ci: ['unsteady'] as const, full: ['unsteady', 's3'] as const }))(
  'F12 a storage that is away, fails now and then, or is slow delays jobs and spoils none: %s',
  async (storage) => {
    expectHolds(await badDays({ storage, ...sized({ ci: { jobs: 40, seconds: 4 }, full: { jobs: 300, seconds: 30 } }) }));
  },
  600_000,
);

test('F13 on a full disk requests are refused, jobs wait, and nothing is cut off', async () => {
  expectHolds(await fullDisk({ jobs: sized({ ci: 20, full: 50 }) }));
}, 300_000);
