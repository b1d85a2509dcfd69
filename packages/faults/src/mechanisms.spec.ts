/** The tests of the tests: each mechanism is taken out, and the scenario that guards it notices. */
import { without } from './changes/mechanisms.js';
import { expectBroken } from './report.js';
import { oneKey } from './scenarios/api.js';
import { endless, poisoned } from './scenarios/poison.js';
import { away, crashes } from './scenarios/postgres.js';
import { flushed } from './scenarios/redis.js';
import { fullDisk } from './scenarios/storage.js';
import { killed, rollingRestart, zombie } from './scenarios/workers.js';

/** Long enough for all that a job of these needs, if it is to end at all. */
const finalWithinMs = 6_000;

test('without the fencing of F2 a late result is taken', async () => {
  const report = await zombie({ jobs: 2, changes: [without.fencing] });
  await expectBroken(report, 'I3', /^output slow of job .* was written by an attempt that was over: .*-1-slow$/);
});

test('without the sweeper of F1 the jobs of a dead worker stay with it', async () => {
  const report = await killed({ jobs: 2, changes: [without.leaseSweeper], finalWithinMs });
  await expectBroken(report, 'I2', /^job .* is still running/);
});

test('without the polling of F3 a job whose ring is lost does not begin', async () => {
  const report = await flushed({ jobs: 3, changes: [without.polling], finalWithinMs });
  await expectBroken(report, 'I2', /^job .* is still queued/);
});

test('without the locks of F3 workers claim the same job', async () => {
  const report = await flushed({ jobs: 150, changes: [without.lockedClaims] });
  await expectBroken(report, 'I4', /^job .* was claimed 2 times, 1 of them while it was queued/);
});

test('without synchronous commits F7 loses jobs that were accepted', async () => {
  // Otherwise PostgreSQL writes what is committed within a fifth of a second.
  const postgres = { wal_writer_delay: '10000ms', wal_writer_flush_after: '1GB' };
  const report = await crashes({ jobs: 100, times: 1, workers: 1, changes: [without.synchronousCommit], postgres });
  await expectBroken(report, 'I1', /^job .* was accepted and is gone/);
});

test('without its patience a worker of F8 does finished work again', async () => {
  const report = await away({ jobs: 8, seconds: 4, changes: [without.patience] });
  await expectBroken(report, 'F8', /^8 jobs that were running were done again/);
});

test('without counting crashes a job of F14 kills one process after the other', async () => {
  const report = await poisoned({
    innocents: 3,
    workers: 1,
    mischiefs: ['segfault'],
    changes: [without.crashCounting],
    finalWithinMs,
  });
  await expectBroken(report, 'I2', /^job .* is still/);
});

test('without the deadline of F15 a job goes on', async () => {
  const report = await endless({ jobs: 1, workers: 1, changes: [without.deadline], finalWithinMs });
  await expectBroken(report, 'I2', /^job .* is still running/);
});

test('without giving attempts back F16 uses them up', async () => {
  const report = await rollingRestart({ jobs: 8, workers: 2, restarts: 2, changes: [without.release] });
  await expectBroken(report, 'F16', /^job .* has used up 2 attempts/);
});

test('without the outbox of F18 nobody is told', async () => {
  const report = await killed({
    jobs: 2,
    webhooks: true,
    prepare: (site) => site.rows('drop trigger job_tells_webhooks on job'),
  });
  await expectBroken(report, 'I5', /^nobody was told of the end of job/);
});

test('without the keys of F21 a repeated request makes another job', async () => {
  const report = await oneKey({ rounds: 1, workers: 1, clients: 10, changes: [without.idempotency] });
  await expectBroken(report, 'F21', /^10 jobs for 1 keys/);
});

test('without whole writes F13 keeps half an image', async () => {
  const report = await fullDisk({ jobs: 20, workers: 1, changes: [without.wholeWrites] });
  await expectBroken(report, 'I3', /^job .* is failed with corrupt_image in place of completed/);
});
