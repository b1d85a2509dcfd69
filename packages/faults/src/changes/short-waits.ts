/** So that the suite need not wait for so long until what a dead process held is given to another one. */
import type { Change } from './change.js';

/** Of workers, on their jobs: 30 s as they ship. Beats and renewals follow. */
export function shortLeases(seconds: number): Change[] {
  const file = 'services/worker/dist/processing/lease-keeper.js';
  return [{ file, text: 'leaseSeconds = 30;', by: `leaseSeconds = ${seconds};` }];
}

/** Of requests, on their Idempotency-Key: 30 s as they ship. */
export const shortKeyLocks: readonly Change[] = [
  { file: 'services/api/dist/http/idempotency.js', text: 'holdSeconds = 30;', by: 'holdSeconds = 5;' },
];

/** Of webhooks: between the attempts, 5 s to a day as they ship, and until another API takes over what a dead one was sending. */
export const shortWebhookWaits: readonly Change[] = [
  {
    file: 'packages/jobs/dist/webhooks/webhook-outbox.js',
    text: 'retryDelays = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600];',
    by: 'retryDelays = [0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1];',
  },
  { file: 'services/api/dist/webhooks/webhook-sender.js', text: 'marginSeconds = 45;', by: 'marginSeconds = 2;' },
];
