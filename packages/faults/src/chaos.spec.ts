import { expectHolds } from './report.js';
import { chaos } from './scenarios/chaos.js';
import { sized } from './size.js';

test('F1 whatever dies, every accepted job ends once and with its result', async () => {
  expectHolds(await chaos(sized({ ci: { jobs: 200, seconds: 15, leaseSeconds: 6 }, full: { jobs: 2_000, seconds: 30 } })));
}, 600_000);
