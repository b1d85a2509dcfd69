import { expectHolds } from './report.js';
import { badReceivers } from './scenarios/webhooks.js';
import { sized } from './size.js';

test('F18 a webhook is delivered in the end, whatever its receiver does, and what is given up can be sent again', async () => {
  expectHolds(await badReceivers({ jobs: sized({ ci: 40, full: 500 }) }));
}, 1_200_000);
