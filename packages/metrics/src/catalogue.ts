/**
 * Every metric of Tintype, declared once: the services register from it, and rules, dashboards and the reference page refer
 * to it.
 */
import { actionIds, inputFormats } from '@tintype/operations';
import { counter, gauge, histogram, type Metric } from './define.js';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', '_OTHER'] as const;
/** The default buckets of prom-client. */
const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** For times that include waiting in the queue. */
const waitBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800] as const;

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
    'Time from the head of a request to the end of its answer; without event streams, which last as long as their clients want.',
    'api',
    { method: methods, route: 'open', status_class: ['1xx', '2xx', '3xx', '4xx', '5xx'] },
    { unit: 'seconds', buckets: defaultBuckets },
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
    { unit: 'bytes', buckets: [65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864] },
  ),
  jobsCreated: counter('jobs_created_total', 'Jobs accepted and stored.', 'api', {}),
  jobsRefused: counter(
    'jobs_refused_total',
    'Requests for new jobs refused because the service has too much to do, by reason.',
    'api',
    {
      reason: ['backlog'],
    },
  ),
  eventStreamsOpen: gauge('event_streams_open', 'Clients that follow a job by its events.', 'api', {}),
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
  oldestQueuedAge: gauge(
    'jobs_oldest_queued_age_seconds',
    'How long the job that has waited longest could have run; 0 when none waits.',
    'api',
    {},
    { scope: 'shared', unit: 'seconds' },
  ),

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
  webhookDeliveriesFailed: counter('webhook_deliveries_failed_total', 'Webhook deliveries given up.', 'api', {}),
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
  jobStageDuration: histogram(
    'worker_job_stage_duration_seconds',
    'Time that an attempt spent in each stage.',
    'worker',
    { stage: ['fetch', 'process', 'store', 'record'] },
    { unit: 'seconds', buckets: defaultBuckets },
  ),
  jobAttempts: counter('worker_job_attempts_total', 'Attempts that ended, by outcome.', 'worker', {
    outcome: ['completed', 'failed', 'retried', 'postponed', 'crashed', 'released', 'canceled', 'fenced'],
  }),
  jobQueueWait: histogram(
    'worker_job_queue_wait_seconds',
    'Time from when a job could run to its first claim.',
    'worker',
    {},
    { unit: 'seconds', buckets: waitBuckets },
  ),
  jobsActive: gauge('worker_jobs_active', 'Jobs that this worker is running.', 'worker', {}),
  concurrency: gauge('worker_concurrency', 'Jobs that this worker may run at once.', 'worker', {}),
  childExits: counter('worker_child_exits_total', 'Image processes that ended, by reason.', 'worker', {
    reason: ['recycled', 'stopped', 'canceled', 'crashed', 'timeout', 'memory'],
  }),
  jobsFoundByPolling: counter(
    'worker_jobs_found_by_polling_total',
    'Jobs that the worker found by looking, not by a wake: due for another attempt, or their wake was lost or late.',
    'worker',
    {},
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
  upkeepLastSuccess: gauge(
    'upkeep_last_success_timestamp_seconds',
    'When a task of the upkeep was last done to its end.',
    'worker',
    { task: ['retention', 'orphans', 'abandoned'] },
    { scope: 'shared', unit: 'seconds' },
  ),

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
