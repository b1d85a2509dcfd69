import type { Removed, Retention } from '@tintype/jobs';
import type { LabelsOf, metrics } from '@tintype/metrics';
import type { Storage } from '@tintype/storage';
import type { Ages } from './retention-settings.js';

export type RecordKind = LabelsOf<typeof metrics.upkeepRecordsDeleted>['kind'];

export interface Removal {
  /** What was removed; `results`: the files of jobs whose records stay. */
  readonly kind: RecordKind | 'results';
  readonly rows: number;
  readonly files: number;
}

const day = 86_400;
/** A client that repeats a request a day later means another. */
const idempotencyKeyAge = day;
const deliveryAge = 30 * day;

/** Small enough for its locks to be held but for some milliseconds. */
const rowsAtATime = 100;

/**
 * Removes all that is too old, a few rows at a time: rows first, and their files when that is committed. What dies in between leaves
 * files that belong to nothing, which the sweep of orphans finds. Where the storage fails it is the same; then this goes on with the
 * next kind, and rejects at the end.
 */
export async function* removeExpired(retention: Retention, storage: Storage, ages: Ages): AsyncGenerator<Removal> {
  const failures: unknown[] = [];
  for (const { kind, age, remove } of kinds(retention, ages)) {
    let more = age > 0;
    while (more) {
      const { rows, keys } = await remove(age, rowsAtATime);
      const failure = await storage.delete(keys).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure !== undefined) failures.push(failure);
      if (rows > 0) yield { kind, rows, files: failure === undefined ? keys.length : 0 };
      more = rows === rowsAtATime && failure === undefined;
    }
  }
  if (failures.length > 0) throw failures[0];
}

interface Kind {
  readonly kind: Removal['kind'];
  /** In seconds; 0: kept for ever. */
  readonly age: number;
  readonly remove: (age: number, limit: number) => Promise<Removed>;
}

function kinds(retention: Retention, { results, records }: Ages): Kind[] {
  return [
    { kind: 'results', age: results, remove: (...args) => retention.expireResults(...args) },
    { kind: 'job', age: records, remove: (...args) => retention.deleteJobs(...args) },
    { kind: 'batch', age: records, remove: (...args) => retention.deleteBatches(...args) },
    { kind: 'upload', age: results, remove: (...args) => retention.deleteUploads(...args) },
    { kind: 'webhook_delivery', age: deliveryAge, remove: (...args) => retention.deleteDeliveries(...args) },
    { kind: 'webhook_endpoint', age: records, remove: (...args) => retention.deleteEndpoints(...args) },
    { kind: 'idempotency_key', age: idempotencyKeyAge, remove: (...args) => retention.deleteIdempotencyKeys(...args) },
  ];
}
