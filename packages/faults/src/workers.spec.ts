import { expectHolds } from './report.js';
import { killed, rollingRestart, zombie } from './scenarios/workers.js';
import { sized } from './size.js';

test('F1 the jobs of a worker that is killed are taken over', async () => {
  expectHolds(await killed({ jobs: 4, webhooks: true }));
});

test('F2 a worker that slept through its leases changes nothing when it wakes', async () => {
  expectHolds(await zombie({ jobs: sized({ ci: 4, full: 20 }) }));
});

test('F16 workers that are told to stop hand their jobs back, and that costs no attempt', async () => {
  expectHolds(await rollingRestart(sized({ ci: { jobs: 24, restarts: 5 }, full: { jobs: 400, restarts: 60 } })));
}, 600_000);
