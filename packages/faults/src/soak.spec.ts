import { expectHolds } from './report.js';
import { soak } from './scenarios/soak.js';
import { sized } from './size.js';

// In a minute memory tells little: the short run is there to see that the long one works, and to find a leak that is gross.
const sizes = {
  ci: { seconds: 40, warmUpSeconds: 15, mostMegabytesPerMinute: 100, steady: 0.5 },
  full: { seconds: 30 * 60, warmUpSeconds: 5 * 60, mostMegabytesPerMinute: 1, steady: 0.99 },
};

test('F25 neither memory nor open files grow under a load that lasts', async () => {
  expectHolds(await soak(sized(sizes)));
}, 2_400_000);
