/**
 * The mechanisms that keep jobs from being lost, done twice and left hanging, and how each can be taken out of the services. The
 * scenario that guards it must notice that it is gone: mechanisms.spec.ts.
 */
import type { Change } from './change.js';

const jobLeases = 'packages/jobs/dist/job-leases.js';

export const without = {
  /** A write must show the token of the current claim. */
  fencing: {
    file: jobLeases,
    text: `where id = $6 and lease_token = $7 and status = 'running' for no key update`,
    by: `where id = $6 and $7::uuid is not null and status = 'running' for no key update`,
  },
  /** A claim locks what it finds, and leaves what others have locked. */
  lockedClaims: {
    file: jobLeases,
    text: '(select count(*) from kept) for no key update skip locked',
    by: '(select count(*) from kept)',
  },
  /** Workers take over jobs whose lease has expired. */
  leaseSweeper: { file: 'services/worker/dist/dispatch/lease-sweeper.js', text: 'await this.leases.sweep()', by: '[]' },
  /** Workers look for jobs by themselves, too. */
  polling: { file: 'services/worker/dist/dispatch/due-poll.js', text: 'await this.slots.look()', by: '0' },
  /** A crash counts. */
  crashCounting: {
    file: 'services/worker/dist/processing/end-of-attempt.js',
    text: 'leases.crashed(id, leaseToken, ending.failure)',
    by: 'leases.release(id, leaseToken)',
  },
  /** A worker that stops gives its attempts back. */
  release: {
    file: 'services/worker/dist/processing/job-runner.js',
    text: 'this.leases.release(job.id, job.leaseToken)',
    by: `this.leases.retry(job.id, job.leaseToken, { code: 'processing_failed' })`,
  },
  /** A job that takes too long loses its process. */
  deadline: {
    file: 'services/worker/dist/children/child-pool.js',
    text: "child.kill('timeout', `after ${jobTimeoutMs} ms`)",
    by: 'undefined',
  },
  /** Finished work waits for the database. */
  patience: { file: 'services/worker/dist/processing/patience.js', text: 'if (isRefusal(error) ||', by: 'if (error ||' },
  /** A key stands for one job. */
  idempotency: { file: 'services/api/dist/http/idempotency.js', text: 'if (header === undefined)', by: 'if (header !== null)' },
  /** A job is on disk before it is accepted. */
  synchronousCommit: {
    file: 'packages/jobs/dist/database.js',
    text: '-c synchronous_commit=on',
    by: '-c synchronous_commit=off',
  },
  /** All of a file is written, or an error comes. */
  wholeWrites: {
    file: 'packages/storage/dist/file-writer.js',
    text: 'this.handle.writeFile(chunk)',
    by: 'this.handle.write(chunk)',
  },
} as const satisfies Record<string, Change>;
