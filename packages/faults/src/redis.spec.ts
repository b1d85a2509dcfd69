import { expectHolds } from './report.js';
import { away, evicting, flushed, outOfMemory } from './scenarios/redis.js';
import { sized } from './size.js';

test('F3 a Redis that forgets everything delays no job and repeats none', async () => {
  expectHolds(await flushed({ jobs: sized({ ci: 150, full: 1_000 }) }));
}, 300_000);

test('F4 without Redis every job is accepted at once, and begins', async () => {
  expectHolds(await away(sized({ ci: { jobs: 60, seconds: 6 }, full: { jobs: 300, seconds: 60 } })));
}, 300_000);

test('F5 a Redis without memory keeps no job from being accepted and done', async () => {
  expectHolds(await outOfMemory({ jobs: sized({ ci: 60, full: 500 }) }));
}, 300_000);

test('F6 a worker does not start with a Redis that may drop keys, unless it is told to', async () => {
  expectHolds(await evicting({}));
});
