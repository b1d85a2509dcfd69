import { expectHolds } from './report.js';
import { brokenConnections, silentLines } from './scenarios/lines.js';
import { sized } from './size.js';

test('F9 connections that break at any moment lose nothing', async () => {
  expectHolds(await brokenConnections(sized({ ci: { jobs: 120, times: 30 }, full: { jobs: 2_000, times: 500 } })));
}, 600_000);

test('F22 a line that swallows everything is noticed, and what waited for it goes on', async () => {
  const sizes = {
    ci: { jobs: 20, redisSeconds: 6, postgresSeconds: 22 },
    full: { jobs: 50, redisSeconds: 60, postgresSeconds: 60 },
  };
  expectHolds(await silentLines(sized(sizes)));
}, 400_000);
