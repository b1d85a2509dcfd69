import { expectHolds } from './report.js';
import { away, crashes, trouble } from './scenarios/postgres.js';
import { sized } from './size.js';

test('F7 no accepted job is lost when PostgreSQL crashes', async () => {
  expectHolds(await crashes(sized({ ci: { jobs: 400, times: 2 }, full: { jobs: 20_000, times: 5 } })));
}, 1_800_000);

test('F8 without PostgreSQL requests are refused in order, and finished work waits for it', async () => {
  expectHolds(await away(sized({ ci: { jobs: 16, seconds: 6 }, full: { jobs: 100, seconds: 20 } })));
}, 300_000);

test('F9 statements that are refused, wait or are ended are repeated', async () => {
  expectHolds(await trouble(sized({ ci: { jobs: 80, lockSeconds: 3 }, full: { jobs: 200, lockSeconds: 20 } })));
}, 300_000);
