import { expectHolds } from './report.js';
import { skewed } from './scenarios/clock.js';
import { sized } from './size.js';

test('F19 clocks that are five minutes wrong neither take a job from anybody nor begin one early', async () => {
  expectHolds(await skewed({ jobs: sized({ ci: 60, full: 200 }) }));
}, 300_000);
