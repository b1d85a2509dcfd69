/**
 * Every metric of Tintype, declared once: the services register from it, and rules, dashboards and the reference page refer
 * to it.
 */
// oxlint-disable max-lines -- one list, and nothing but a list
import { actionIds, type FormatId, type InputFormat, inputFormats, outputFormats } from '@tintype/operations';
import { counter, gauge, histogram, type Metric } from './define.js';

const priorities = ['interactive', 'normal', 'bulk'] as const;
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', '_OTHER'] as const;
/** From the client's part (its picture, its wish, the server that it named) to ours. */
const failureReasons = [
  'picture',
  'limit',
  'request',
  'source_url',
  'timeout',
  'memory',
  'crash',
  'storage',
  'internal',
] as const;
/** The default buckets of prom-client. */
const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** For requests, whose routes are many; with half a second, which the objective is about. */
const routeBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;
/** For what is told apart by a label, so that a pod keeps few series. */
const fewBuckets = [0.005, 0.05, 0.5, 5] as const;
const firstUse = { born: 'on first use' } as const;
/** `other`: looking, listing and deleting, which jobs do not wait for. */
const storageOperations = ['put', 'get', 'other'] as const;
/** Of a picture, by what reading or writing it takes. */
const formats = [...new Set([...inputFormats, ...outputFormats])] as readonly (InputFormat | FormatId)[];

export const metrics = {
  httpRequests: counter(
    'http_requests_total',
    'HTTP requests answered, by route template; 499 when the client left first.',
    'api',
    {
      method: methods,
      route: 'open',
      status_code: 'open',
    },
  ),
  httpRequestDuration: histogram(
    'http_request_duration_seconds',
    'Time from the head of a request to the end of its answer; without probes, scrapes, and event streams, which last as long as their clients want.',
    'api',
    { method: methods, route: 'open', status_class: ['1xx', '2xx', '3xx', '4xx', '5xx'] },
    { unit: 'seconds', buckets: routeBuckets },
  ),
  httpRequestsInFlight: gauge('http_requests_in_flight', 'HTTP requests being answered now.', 'api', {}),

  uploadsRejected: counter('image_uploads_rejected_total', 'Uploads refused, by reason.', 'api', {
    reason: ['too_large', 'unsupported_format', 'malformed', 'incomplete', 'out_of_space', 'too_many'],
  }),
  uploadSize: histogram(
    'image_upload_size_bytes',
    'Size of accepted uploads.',
    'api',
    { format: inputFormats },
    { unit: 'bytes', buckets: [65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864], ...firstUse },
  ),
  jobsCreated: counter('jobs_created_total', 'Jobs accepted and stored, by priority.', 'api', { priority: priorities }),
  batchesCreated: counter('batches_created_total', 'Batches accepted and stored.', 'api', {}),
  idempotentRequests: counter(
    'idempotent_requests_total',
    'Requests whose Idempotency-Key was known: answered as the first one was, refused as that one is not answered yet, or refused as they differ.',
    'api',
    { outcome: ['replayed', 'in_progress', 'different'] },
  ),
  jobsRefused: counter(
    'jobs_refused_total',
    'Requests for new jobs refused because the service has too much to do, by reason.',
    'api',
    {
      reason: ['backlog'],
    },
  ),
  eventStreamsOpen: gauge('event_streams_open', 'Clients that follow a job by its events.', 'api', {}),
  eventStreamsRefused: counter(
    'event_streams_refused_total',
    'Clients that wanted to follow a job and were refused, as too many do already.',
    'api',
    {},
  ),
  jobEventsSent: counter('job_events_sent_total', 'Events sent to clients that follow a job, by type.', 'api', {
    type: ['job.queued', 'job.running', 'job.progress', 'job.completed', 'job.failed', 'job.canceled'],
  }),
  jobsUnfinished: gauge(
    'jobs_unfinished',
    'Jobs in the database that have not ended, by status.',
    'api',
    { status: ['queued', 'running'] },
    { scope: 'shared' },
  ),
  jobsDue: gauge(
    'jobs_due',
    'Queued jobs that could run now, by priority; the other queued jobs wait for their next attempt.',
    'api',
    { priority: priorities },
    { scope: 'shared' },
  ),
  leasesOverdue: gauge(
    'jobs_leases_overdue',
    'Running jobs whose lease has expired and which no worker has taken back yet.',
    'api',
    {},
    { scope: 'shared' },
  ),
  oldestQueuedAge: gauge(
    'jobs_oldest_queued_age_seconds',
    'How long the job that has waited longest could have run; 0 when none waits.',
    'api',
    {},
    { scope: 'shared', unit: 'seconds' },
  ),

  queueWakes: counter('queue_wakes_total', 'Wakes of workers by the queue, by whether Redis took them.', 'api', {
    outcome: ['sent', 'failed'],
  }),

  webhookAttempts: counter(
    'webhook_attempts_total',
    'Requests to webhook endpoints, by outcome; `refused` leads to an address that must not be asked, `gone` was answered with 410.',
    'api',
    { outcome: ['delivered', 'failed', 'refused', 'gone'] },
  ),
  webhookAttemptDuration: histogram(
    'webhook_attempt_duration_seconds',
    'Time of a request to a webhook endpoint.',
    'api',
    {},
    { unit: 'seconds', buckets: [...defaultBuckets, 15, 30] },
  ),
  webhookDeliveriesPending: gauge(
    'webhook_deliveries_pending',
    'Webhook deliveries that have neither succeeded nor been given up.',
    'api',
    {},
    { scope: 'shared' },
  ),
  oldestPendingWebhookAge: gauge(
    'webhook_oldest_pending_age_seconds',
    'How long the webhook delivery that has waited longest could have been sent; 0 when all wait for their time, or for a slow endpoint.',
    'api',
    {},
    { scope: 'shared', unit: 'seconds' },
  ),
  webhookEndpoints: gauge(
    'webhook_endpoints',
    'Registered webhook endpoints, by state; without those that single jobs name.',
    'api',
    { state: ['enabled', 'disabled'] },
    { scope: 'shared' },
  ),
  webhookDeliveriesFailed: counter(
    'webhook_deliveries_failed_total',
    'Webhook deliveries given up: after their last attempt, or because their endpoint was disabled.',
    'api',
    { reason: ['attempts', 'disabled'] },
  ),
  webhookEndpointsDisabled: counter('webhook_endpoints_disabled_total', 'Webhook endpoints disabled, by reason.', 'api', {
    reason: ['requested', 'gone', 'failing'],
  }),

  jobsProcessed: counter(
    'worker_jobs_processed_total',
    'Outputs that ended, counted once for each distinct action of their pipeline; `convert` is a pipeline without operations.',
    'worker',
    { action: actionIds, status: ['completed', 'failed'] },
  ),
  jobDuration: histogram(
    'worker_job_duration_seconds',
    'Time of one attempt at a job, from claim to end.',
    'worker',
    {},
    { unit: 'seconds', buckets: defaultBuckets },
  ),
  jobEndToEnd: histogram(
    'worker_job_end_to_end_seconds',
    'Time from when a job was accepted to its end, whatever it waited for; without canceled jobs. Of one that a client has had tried again, from when it was begun again.',
    'worker',
    { priority: priorities },
    { unit: 'seconds', buckets: [1, 10, 60, 600] },
  ),
  jobStageDuration: histogram(
    'worker_job_stage_duration_seconds',
    'Time that an attempt spent in each stage, for all its outputs together. libvips works through an image once: what shares a pipeline with a later stage counts there. An output is stored while the next is made. Waiting for an image process and reading headers count nowhere.',
    'worker',
    { stage: ['fetch', 'decode', 'transform', 'encode', 'store', 'record'] },
    { unit: 'seconds', buckets: [0.03, 0.3, 3] },
  ),
  imageStageSeconds: counter(
    'worker_image_stage_seconds_total',
    'The same by format: of the source (fetch, decode, transform), or of the output (encode, store).',
    'worker',
    { stage: ['fetch', 'decode', 'transform', 'encode', 'store'], format: formats },
    { unit: 'seconds', born: 'on first use' },
  ),
  jobAttempts: counter('worker_job_attempts_total', 'Attempts that ended, by outcome.', 'worker', {
    outcome: ['completed', 'failed', 'retried', 'postponed', 'crashed', 'released', 'canceled', 'fenced'],
  }),
  jobFailures: counter('worker_job_failures_total', 'Jobs that failed for good, by what was to blame.', 'worker', {
    reason: failureReasons,
  }),
  attemptErrors: counter(
    'worker_attempt_errors_total',
    'Attempts that ended with an error, by what was to blame, those that are made again among them.',
    'worker',
    { reason: failureReasons },
  ),
  jobQueueWait: histogram(
    'worker_job_queue_wait_seconds',
    'Time from when a job could run to its first claim.',
    'worker',
    {},
    { unit: 'seconds', buckets: [0.5, 5, 60, 600] },
  ),
  jobsActive: gauge('worker_jobs_active', 'Jobs that this worker is running.', 'worker', {}),
  concurrency: gauge('worker_concurrency', 'Jobs that this worker may run at once.', 'worker', {}),
  sourceImages: counter(
    'worker_source_images_total',
    'Source images read, by format; a further attempt reads its source again.',
    'worker',
    { format: formats },
    firstUse,
  ),
  sourceBytes: counter(
    'worker_source_bytes_total',
    'Bytes of source images read, by format.',
    'worker',
    { format: formats },
    {
      ...firstUse,
      unit: 'bytes',
    },
  ),
  sourcePixels: counter(
    'worker_source_pixels_total',
    'Pixels of source images read, of all frames, by format.',
    'worker',
    { format: formats },
    firstUse,
  ),
  outputImages: counter(
    'worker_output_images_total',
    'Images made and stored, by format.',
    'worker',
    { format: formats },
    firstUse,
  ),
  outputBytes: counter(
    'worker_output_bytes_total',
    'Bytes of images made and stored, by format.',
    'worker',
    { format: formats },
    {
      ...firstUse,
      unit: 'bytes',
    },
  ),
  outputPixels: counter(
    'worker_output_pixels_total',
    'Pixels of images made and stored, of all frames, by format.',
    'worker',
    { format: formats },
    firstUse,
  ),
  // Each makes one picture at a time, so that `busy` is what `sharp.counters()` of all of them would add up to.
  children: gauge('worker_children', 'Image processes, by state.', 'worker', { state: ['starting', 'idle', 'busy'] }),
  childrenMemory: gauge(
    'worker_children_memory_bytes',
    'Resident memory of all image processes of this worker.',
    'worker',
    {},
    { unit: 'bytes' },
  ),
  childMemoryMost: gauge(
    'worker_child_memory_largest_bytes',
    'Resident memory of the largest image process now.',
    'worker',
    {},
    { unit: 'bytes' },
  ),
  childMemoryLimit: gauge(
    'worker_child_memory_limit_bytes',
    'Resident memory above which an image process is killed.',
    'worker',
    {},
    { unit: 'bytes' },
  ),
  vipsMemory: gauge(
    'worker_vips_memory_peak_bytes',
    'Most memory that libvips held at once in one of the present image processes, as sharp reports it.',
    'worker',
    {},
    { unit: 'bytes' },
  ),
  childExits: counter('worker_child_exits_total', 'Image processes that ended, by reason.', 'worker', {
    reason: ['recycled', 'stopped', 'canceled', 'crashed', 'timeout', 'memory'],
  }),
  jobsFoundByPolling: counter(
    'worker_jobs_found_by_polling_total',
    'Jobs that the worker found by looking, not by a wake: due for another attempt, or their wake was lost or late.',
    'worker',
    {},
  ),
  leaseRenewals: counter(
    'worker_lease_renewals_total',
    'Beats of running jobs, by outcome: each asks whether the lease is still held, and renews it where that is due.',
    'worker',
    {
      outcome: ['renewed', 'lost', 'failed'],
    },
  ),
  leasesExpired: counter(
    'worker_leases_expired_total',
    'Jobs taken back from a worker that had stopped renewing its lease.',
    'worker',
    {},
  ),
  writesFenced: counter(
    'worker_writes_fenced_total',
    'Writes refused because the lease had passed to another worker.',
    'worker',
    {},
  ),

  upkeepFilesDeleted: counter(
    'upkeep_files_deleted_total',
    'Files deleted from the storage because of their age, because they belonged to nothing, or as unfinished ones of killed processes.',
    'worker',
    { reason: ['retention', 'orphan', 'abandoned'] },
  ),
  upkeepRecordsDeleted: counter(
    'upkeep_records_deleted_total',
    'Rows deleted from the database because of their age.',
    'worker',
    {
      kind: ['job', 'upload', 'batch', 'idempotency_key', 'webhook_delivery', 'webhook_endpoint'],
    },
  ),
  upkeepFailures: counter('upkeep_failures_total', 'Rounds of the upkeep that failed, by task.', 'worker', {
    task: ['retention', 'orphans', 'abandoned'],
  }),
  upkeepLastSuccess: gauge(
    'upkeep_last_success_timestamp_seconds',
    'When a task of the upkeep was last done to its end.',
    'worker',
    { task: ['retention', 'orphans', 'abandoned'] },
    { scope: 'shared', unit: 'seconds' },
  ),

  dependencyUp: gauge(
    'dependency_up',
    'Whether the pod could use a service that it needs, 1 or 0, when it last checked; without Redis where PostgreSQL is the queue.',
    'both',
    { dependency: ['postgresql', 'redis', 'storage'] },
    firstUse,
  ),
  dbPoolConnections: gauge('db_pool_connections', 'Connections to PostgreSQL, by state.', 'both', { state: ['idle', 'used'] }),
  dbPoolMax: gauge('db_pool_connections_max', 'Connections to PostgreSQL that the pod may have.', 'both', {}),
  dbPoolWaiting: gauge('db_pool_waiting', 'Statements that wait for a connection to PostgreSQL.', 'both', {}),
  dbQueryDuration: histogram(
    'db_query_duration_seconds',
    'Time of a statement in PostgreSQL, from a free connection to its result.',
    'both',
    { statement: ['create_job', 'claim', 'renew', 'record', 'read', 'webhook', 'other'] },
    { unit: 'seconds', buckets: fewBuckets, born: 'on first use' },
  ),
  dbQueryErrors: counter(
    'db_query_errors_total',
    'Statements that failed: no connection, no answer in time, or refused by PostgreSQL.',
    'both',
    { reason: ['connection', 'timeout', 'refused'] },
  ),
  storageDuration: histogram(
    'storage_operation_duration_seconds',
    'Time of an operation of the storage; of a write from the last byte of its body, of a read to the first byte.',
    'both',
    { operation: storageOperations },
    { unit: 'seconds', buckets: fewBuckets, born: 'on first use' },
  ),
  storageErrors: counter(
    'storage_operation_errors_total',
    'Operations of the storage that failed; that an object is missing is no failure.',
    'both',
    { operation: storageOperations, reason: ['unavailable', 'out_of_space'] },
  ),
  redisReconnects: counter('redis_reconnects_total', 'Lost connections to Redis.', 'both', {}),
  eventLoopTime: counter(
    'nodejs_eventloop_time_seconds_total',
    'Time of the event loop, by what it did: the share of `active` is how busy the process is.',
    'both',
    { state: ['active', 'idle'] },
    { unit: 'seconds' },
  ),
  eventLoopLagP99: gauge(
    'nodejs_eventloop_lag_p99_seconds',
    'By how much 99 of 100 turns of the event loop since the scrape before were late at most; about 0.01 when it is idle.',
    'both',
    {},
    { unit: 'seconds' },
  ),
  gcPauses: counter(
    'nodejs_gc_pause_seconds_total',
    'Time in garbage collection, by kind.',
    'both',
    { kind: ['major', 'minor', 'incremental', 'weakcb'] },
    { unit: 'seconds' },
  ),
  heapUsed: gauge('nodejs_heap_size_used_bytes', 'Heap of V8 that is in use.', 'both', {}, { unit: 'bytes' }),
  heapTotal: gauge('nodejs_heap_size_total_bytes', 'Heap that V8 has.', 'both', {}, { unit: 'bytes' }),
  externalMemory: gauge(
    'nodejs_external_memory_bytes',
    'Memory outside the heap that objects of JavaScript hold, as buffers do.',
    'both',
    {},
    { unit: 'bytes' },
  ),
  processCpu: counter(
    'process_cpu_seconds_total',
    'Processor time of the process, for itself and in the kernel.',
    'both',
    {},
    { unit: 'seconds' },
  ),
  residentMemory: gauge('process_resident_memory_bytes', 'Resident memory of the process.', 'both', {}, { unit: 'bytes' }),
  processStart: gauge('process_start_time_seconds', 'When the process started, in Unix time.', 'both', {}, { unit: 'seconds' }),
  openFds: gauge('process_open_fds', 'Open file descriptors, sockets among them; only on Linux.', 'both', {}, firstUse),
  maxFds: gauge('process_max_fds', 'File descriptors that the process may have open; only on Linux.', 'both', {}, firstUse),
  buildInfo: gauge('app_build_info', 'Always 1; the labels tell what runs.', 'both', {
    component: ['api', 'worker'],
    version: 'open',
    node_version: 'open',
  }),
  collectFailures: counter(
    'metrics_collect_failures_total',
    'Reads of a gauge for a scrape that failed; the gauge is then absent.',
    'both',
    {
      metric: 'open',
    },
  ),
} as const satisfies Record<string, Metric>;

/** The metrics that a service exports. */
export function metricsOf(service: 'api' | 'worker'): readonly Metric[] {
  const all: readonly Metric[] = Object.values(metrics);
  return all.filter(({ owner }) => owner === service || owner === 'both');
}
