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
export { ExpiredLeases, type ExpiredLease } from './expired-leases.js';
export { JobDocument, jobDocument } from './job-document.js';
export { JobInput } from './job-input.entity.js';
export {
  JobIntake,
  ReferencesNotFoundError,
  type CancelOutcome,
  type DeleteOutcome,
  type NewJob,
  type StoredFile,
} from './job-intake.js';
export {
  JobLeases,
  type ClaimedJob,
  type ClaimOptions,
  type CrashCode,
  type Failure,
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
export { finalStatuses, isFinal, statuses, type FinalStatus, type Status } from './status.js';
export { outputKey, uploadKey } from './storage-keys.js';
export { Upload } from './upload.entity.js';
export { Uploads, type NewUpload } from './uploads.js';
