import { expectHolds } from './report.js';
import { canceled } from './scenarios/races.js';
import { sized } from './size.js';

test('F20 a job is canceled or has a result, whoever was first', async () => {
  expectHolds(await canceled({ jobs: sized({ ci: 100, full: 1_000 }) }));
}, 600_000);
