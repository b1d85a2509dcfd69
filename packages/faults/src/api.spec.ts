import { expectHolds } from './report.js';
import { abortedUploads, diesWhileAccepting, oneKey, rollingRestart } from './scenarios/api.js';
import { sized } from './size.js';

test('F10 an API that dies before its answer leaves a job or none, and the repeated request finds out which', async () => {
  expectHolds(await diesWhileAccepting({ deaths: sized({ ci: 2, full: 20 }) }));
}, 900_000);

test('F11 an upload that breaks off leaves nothing', async () => {
  expectHolds(await abortedUploads({ times: sized({ ci: 30, full: 100 }) }));
});

test('F17 no request fails while the APIs are replaced', async () => {
  expectHolds(await rollingRestart({ restarts: sized({ ci: 3, full: 6 }) }));
}, 300_000);

test('F21 one key makes one job, however many send it', async () => {
  expectHolds(await oneKey({ rounds: sized({ ci: 4, full: 100 }) }));
}, 600_000);
