import { expectHolds } from './report.js';
import { endless, poisoned } from './scenarios/poison.js';
import { sized } from './size.js';

test('F14 a job that kills its process fails, and no other job does', async () => {
  expectHolds(await poisoned({ innocents: sized({ ci: 36, full: 236 }) }));
}, 300_000);

test('F15 a job that takes too long is ended', async () => {
  expectHolds(await endless({ jobs: sized({ ci: 2, full: 10 }) }));
}, 300_000);
