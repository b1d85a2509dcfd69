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
export { BatchDocument, batchDocument } from './batch-document.js';
export { Batches, type BatchPage, type CountedBatch, type NewBatch } from './batches.js';
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
export { JobHistory, JobTransition, type JobNews } from './job-history.js';
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
export {
  JobReader,
  type Backlog,
  type FoundOutput,
  type JobPage,
  type JobPosition,
  type JobVersion,
  type Load,
} from './job-reader.js';
export { Job } from './job.entity.js';
export type { PoolState, StatementFailure, StatementObserver } from './measured-pool.js';
export { migrate } from './migrate.js';
export { poolState } from './prepared.js';
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
export { pingRedis, whenRedisIsLost } from './redis-connection.js';
export type { RetriedJobs } from './retry-failed.js';
export { Orphans, type FoundOrphans } from './orphans.js';
export { Retention, type Removed } from './retention.js';
export { schemaSnapshot } from './schema-snapshot.js';
export { finalStatuses, isFinal, stages, statuses, type FinalStatus, type Stage, type Status } from './status.js';
export { statementKinds, type StatementKind } from './statements.js';
export type { StoredFile } from './stored-file.js';
export { sourceUrlSettings } from './source-url-settings.js';
export { fetchedSourceKey, outputKey, uploadKey } from './storage-keys.js';
export { Upload } from './upload.entity.js';
export { UpkeepTurns, type Turn } from './upkeep-turns.js';
export { Uploads, type NewUpload } from './uploads.js';
export {
  deliveryStatuses,
  WebhookDeliveries,
  type DeliveryFilter,
  type DeliveryRange,
  type DeliveryStatus,
  type LoggedDelivery,
  type RedeliveryOutcome,
  type WebhookAttempt,
  type WebhookDelivery,
  type WebhookDeliveryPage,
} from './webhooks/webhook-deliveries.js';
export { WebhookEndpoint, type DisabledReason } from './webhooks/webhook-endpoint.entity.js';
export {
  WebhookEndpoints,
  type NamedWebhookEndpoint,
  type NewWebhookEndpoint,
  type WebhookEndpointChanges,
  type WebhookEndpointPage,
} from './webhooks/webhook-endpoints.js';
export {
  WebhookOutbox,
  type AttemptResult,
  type ClaimedDelivery,
  type DeliveryBacklog,
  type RecordedAttempt,
} from './webhooks/webhook-outbox.js';
export {
  BatchWebhookPayload,
  jobEvents,
  JobWebhookPayload,
  TestWebhookPayload,
  webhookEvents,
  webhookTypes,
  type WebhookEvent,
  type WebhookPayload,
  type WebhookType,
} from './webhooks/webhook-payload.js';
export { isWebhookSecret, newWebhookSecret } from './webhooks/webhook-secret.js';
