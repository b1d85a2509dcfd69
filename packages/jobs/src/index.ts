export { connectionOptions, databaseSettings, type DatabaseSettings } from './database-settings.js';
export { checkMigrated, dataSourceOptions } from './database.js';
export {
  errorCodes,
  jobErrors,
  problems,
  type ErrorCode,
  type ErrorDefinition,
  type JobErrorCode,
  type ProblemCode,
  type ProblemDefinition,
} from './error-codes.js';
export { claimOrder, priorities, priorityOf, type Priority } from './priority.js';
export { ExpiredLeases, type ExpiredLease } from './expired-leases.js';
export {
  IdempotencyKeyLostError,
  IdempotencyKeys,
  type BegunRequest,
  type HeldKey,
  type IdempotencyAnswer,
  type IdempotentRoute,
} from './idempotency-keys.js';
export { JobDocument, jobDocument } from './job-document.js';
export { JobInput } from './job-input.entity.js';
export {
  JobIntake,
  ReferencesNotFoundError,
  type CancelOutcome,
  type DeleteOutcome,
  type NewJob,
  type NewSource,
  type RetryOutcome,
  type SourceUrl,
} from './job-intake.js';
export {
  JobLeases,
  type ClaimedJob,
  type ClaimOptions,
  type CrashCode,
  type Failure,
  type Progress,
  type OutputOutcome,
  type SourceFound,
} from './job-leases.js';
export { JobOutput } from './job-output.entity.js';
export { JobReader, type Backlog, type JobPage, type JobPosition } from './job-reader.js';
export { Job } from './job.entity.js';
export { migrate } from './migrate.js';
export {
  checkEvictionPolicy,
  EvictionPolicyError,
  QUEUE,
  queueBackend,
  queueConnection,
  queueSettings,
  wake,
  type QueueBackend,
  type QueueSettings,
} from './queue.js';
export { schemaSnapshot } from './schema-snapshot.js';
export { finalStatuses, isFinal, stages, statuses, type FinalStatus, type Stage, type Status } from './status.js';
export type { StoredFile } from './stored-file.js';
export { outputKey, uploadKey } from './storage-keys.js';
export { Upload } from './upload.entity.js';
export { Uploads, type NewUpload } from './uploads.js';
