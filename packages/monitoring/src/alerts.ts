/** What Tintype's rules watch, and from which figures on they complain. */
import { metrics } from '@tintype/metrics';
import { container, processStart, up } from './external.js';
import { absent, countOf, increase, quantile, rate, secondsSince, shared, value } from './read.js';
import { probeRoutes, unhurriedRoutes } from './routes.js';
import { alert, recording, byRelease, type RuleDeclarations } from './rules.js';
import { anyOf, like, noneOf } from './series.js';
import { webhooks } from './webhook-alerts.js';

const byUsers = { route: noneOf(...probeRoutes) };
const withServerError = { ...byUsers, status_code: like('5..') };
/** Uploads take as long as the client's line does. */
const quick = { method: noneOf('POST'), route: noneOf(...probeRoutes, ...unhurriedRoutes) };

const requests = rate(metrics.httpRequests, '5m', byUsers).sumBy(...byRelease);
const serverErrors = rate(metrics.httpRequests, '5m', withServerError).sumBy(...byRelease);
const errorRatio = recording(
  'service:http_requests_failed:ratio_rate5m',
  'api',
  serverErrors.orZeroOf(requests).dividedBy(requests.above(0)),
  'Nobody has used the API lately.',
);
const latency = recording(
  'service:http_request_duration_seconds:p95_rate5m',
  'api',
  quantile(0.95, metrics.httpRequestDuration, '5m', byRelease, quick),
  'Nobody has sent a request that neither carries an image nor waits.',
);

const api: RuleDeclarations = {
  name: 'tintype.api',
  recordings: [errorRatio, latency],
  alerts: [
    alert({
      alert: 'TintypeApiDown',
      severity: 'critical',
      for: '2m',
      expr: value(up.api)
        .sumBy(...byRelease)
        .equals(0)
        .or(absent(up.api)),
      summary: 'No pod of the API answers Prometheus.',
      seen: 'Prometheus reaches no pod of {{ $labels.service }} in {{ $labels.namespace }}.',
      response: 'Look at the pods and their events: the API starts only with PostgreSQL, the queue and the storage.',
    }),
    alert({
      alert: 'TintypeApiErrors',
      severity: 'critical',
      for: '5m',
      expr: errorRatio.read.above(0.05).and(
        increase(metrics.httpRequests, '5m', withServerError)
          .sumBy(...byRelease)
          .atLeast(10),
        ...byRelease,
      ),
      summary: 'The API answers requests with server errors.',
      seen: '{{ $value | humanizePercentage }} of the requests to {{ $labels.service }} failed in five minutes.',
      response: 'The log of the API has each of them with its reason; /readyz of a pod names the service that is missing.',
    }),
    alert({
      alert: 'TintypeApiSlow',
      severity: 'warning',
      for: '10m',
      expr: latency.read.above(1).and(
        increase(countOf(metrics.httpRequestDuration), '5m', quick)
          .sumBy(...byRelease)
          .atLeast(10),
        ...byRelease,
      ),
      summary: 'Requests that neither carry an image nor wait for a job are slow.',
      seen: 'One in twenty of them takes longer than {{ $value | humanizeDuration }} on {{ $labels.service }}.',
      response: 'Mostly PostgreSQL is slow, or the pods have too little processor time.',
    }),
    alert({
      alert: 'TintypeStorageFull',
      severity: 'critical',
      for: '1m',
      expr: increase(metrics.uploadsRejected, '10m', { reason: 'out_of_space' })
        .sumBy(...byRelease)
        .above(0),
      summary: 'Uploads are refused because there is no space for them.',
      seen: '{{ $labels.service }} refused {{ $value | humanize }} uploads in ten minutes.',
      response: 'Enlarge the volume or the quota of the storage, or the temporary storage of the API.',
    }),
    alert({
      alert: 'TintypeBacklogFull',
      severity: 'critical',
      for: '2m',
      expr: increase(metrics.jobsRefused, '5m')
        .sumBy(...byRelease)
        .above(0),
      summary: 'New jobs are refused because too many are waiting.',
      seen: '{{ $labels.service }} refused {{ $value | humanize }} requests for new jobs in five minutes.',
      response: 'Add workers, or find out why jobs do not end; BACKLOG_MAX_JOBS is how many may wait.',
    }),
  ],
};

const oldestAge = recording(
  'service:jobs_oldest_queued_age_seconds:max',
  'api',
  shared(metrics.oldestQueuedAge).maxBy(...byRelease),
);
const queued = recording(
  'service:jobs_queued:max',
  'api',
  shared(metrics.jobsUnfinished, { status: 'queued' }).maxBy(...byRelease),
);
const workersUp = value(up.worker).sumBy('namespace').above(0);
const jobsEnd = rate(metrics.jobAttempts, '5m', { outcome: anyOf('completed', 'failed', 'canceled') })
  .sumBy('namespace')
  .above(0);

const queue: RuleDeclarations = {
  name: 'tintype.queue',
  recordings: [oldestAge, queued],
  alerts: [
    alert({
      alert: 'TintypeNoWorkers',
      severity: 'critical',
      for: '5m',
      expr: queued.read.above(0).unless(workersUp, 'namespace'),
      summary: 'Jobs are queued, and there is no worker.',
      seen: '{{ $value | humanize }} jobs are queued in {{ $labels.namespace }}, and no worker answers Prometheus.',
      response: 'Look at the pods of the worker and their events; nothing is lost, jobs run when a worker is back.',
    }),
    alert({
      alert: 'TintypeQueueStuck',
      severity: 'critical',
      for: '5m',
      expr: oldestAge.read.above(300).and(workersUp, 'namespace').unless(jobsEnd, 'namespace'),
      summary: 'Jobs are queued, workers are up, and no job ends.',
      seen: 'A job has waited for {{ $value | humanizeDuration }} in {{ $labels.namespace }}, and none ended in five minutes.',
      response: 'The log of the workers tells why they take no jobs; look at PostgreSQL and the storage.',
    }),
    alert({
      alert: 'TintypeQueueSlow',
      severity: 'warning',
      for: '10m',
      expr: oldestAge.read.above(120),
      summary: 'Jobs wait longer than two minutes for a worker.',
      seen: 'A job has waited for {{ $value | humanizeDuration }} in {{ $labels.namespace }}.',
      response: 'Add workers, or find out what makes jobs slow: the dashboard shows the time of each stage.',
    }),
    alert({
      alert: 'TintypeGaugeUnreadable',
      severity: 'warning',
      for: '5m',
      expr: increase(metrics.collectFailures, '5m')
        .sumBy(...byRelease, 'metric')
        .above(0),
      summary: 'A gauge cannot be read, so alerts on it are blind.',
      seen: '{{ $labels.service }} failed to read {{ $labels.metric }}.',
      response: 'It is read from PostgreSQL within a second: the database is slow or away.',
    }),
  ],
};

const ended = rate(metrics.jobsProcessed, '15m').sumBy(...byRelease);
const failed = { status: 'failed' } as const;
const failureRatio = recording(
  'service:worker_jobs_failed:ratio_rate15m',
  'worker',
  rate(metrics.jobsProcessed, '15m', failed)
    .sumBy(...byRelease)
    .dividedBy(ended.above(0)),
  'No output ended lately.',
);
const busy = recording(
  'service:worker_jobs_active:ratio',
  'worker',
  value(metrics.jobsActive)
    .sumBy(...byRelease)
    .dividedBy(value(metrics.concurrency).sumBy(...byRelease)),
);

const lastRetention = shared(metrics.upkeepLastSuccess, { task: 'retention' }).maxBy(...byRelease);
/** Where no round has ever succeeded. */
const workerStart = value(processStart.worker).maxBy(...byRelease);

const worker: RuleDeclarations = {
  name: 'tintype.worker',
  recordings: [failureRatio, busy],
  alerts: [
    alert({
      alert: 'TintypeJobsFailing',
      severity: 'warning',
      for: '10m',
      expr: failureRatio.read.above(0.25).and(
        increase(metrics.jobsProcessed, '15m', failed)
          .sumBy(...byRelease)
          .atLeast(10),
        ...byRelease,
      ),
      summary: 'More than a quarter of the outputs fail.',
      seen: '{{ $value | humanizePercentage }} of the outputs of {{ $labels.service }} failed in 15 minutes.',
      response: 'The dashboard shows which actions; the error codes of the jobs tell bad pictures from faults of the service.',
    }),
    alert({
      alert: 'TintypeWorkersSaturated',
      severity: 'warning',
      for: '15m',
      expr: busy.read.above(0.9).and(oldestAge.read.above(30), 'namespace'),
      summary: 'All workers are busy, and jobs wait.',
      seen: '{{ $value | humanizePercentage }} of what {{ $labels.service }} may run at once is in use.',
      response: 'Add workers, or let the autoscaler have more of them.',
    }),
    alert({
      alert: 'TintypeChildCrashes',
      severity: 'warning',
      for: '1m',
      expr: increase(metrics.childExits, '15m', { reason: anyOf('crashed', 'timeout', 'memory') })
        .sumBy(...byRelease, 'reason')
        .atLeast(5),
      summary: 'Image processes end before their work is done.',
      seen: '{{ $value | humanize }} image processes of {{ $labels.service }} ended in 15 minutes: {{ $labels.reason }}.',
      response: 'The log of the workers names the jobs; one bad picture costs only its own job, many need a look at the limits.',
    }),
    alert({
      alert: 'TintypeJobsPostponed',
      severity: 'critical',
      for: '2m',
      expr: increase(metrics.jobAttempts, '5m', { outcome: 'postponed' })
        .sumBy(...byRelease)
        .atLeast(5),
      summary: 'Jobs are put off because the storage cannot be read or written.',
      seen: '{{ $labels.service }} put jobs off {{ $value | humanize }} times in five minutes.',
      response: 'Look at the storage; jobs run when it is back, and fail only after a day. /readyz of the API checks it.',
    }),
    alert({
      alert: 'TintypeLeasesExpiring',
      severity: 'warning',
      for: '15m',
      expr: increase(metrics.leasesExpired, '10m')
        .sumBy(...byRelease)
        .above(0),
      summary: 'Workers keep losing their jobs to others.',
      seen: '{{ $value | humanize }} leases expired on {{ $labels.service }} in ten minutes.',
      response: 'Workers die without a word (memory limit, lost nodes), or cannot reach PostgreSQL to renew their leases.',
    }),
    alert({
      alert: 'TintypeRetentionStalled',
      severity: 'warning',
      for: '15m',
      expr: secondsSince(lastRetention.or(workerStart.unless(lastRetention, ...byRelease))).above(3600),
      summary: 'What is old is no longer deleted.',
      seen: 'No round of the retention of {{ $labels.service }} has succeeded for {{ $value | humanizeDuration }}.',
      response: 'The log of the workers tells why its rounds fail; until they succeed the storage and the database grow.',
    }),
  ],
};

const pods: RuleDeclarations = {
  name: 'tintype.pods',
  recordings: [],
  alerts: [
    alert({
      alert: 'TintypeTargetDown',
      severity: 'warning',
      for: '10m',
      expr: value(up.both).maxBy('namespace', 'job', 'pod').equals(0),
      summary: 'A pod does not answer Prometheus.',
      seen: 'Prometheus cannot read the metrics of pod {{ $labels.pod }}.',
      response: 'The pod hangs, or a NetworkPolicy keeps Prometheus out (networkPolicy.metricsFrom).',
    }),
    alert({
      alert: 'TintypePodRestarting',
      severity: 'warning',
      for: '1m',
      expr: increase(container.restarts, '1h').sumBy('namespace', 'pod').atLeast(3),
      summary: 'A pod restarts again and again.',
      seen: 'Pod {{ $labels.pod }} restarted {{ $value | humanize }} times in an hour.',
      response: 'kubectl describe tells the reason of the last end: out of memory, a failed probe, or an error in the log.',
    }),
  ],
};

export const ruleDeclarations: readonly RuleDeclarations[] = [api, queue, webhooks, worker, pods];
