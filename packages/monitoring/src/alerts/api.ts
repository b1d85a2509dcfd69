import { metrics } from '@tintype/metrics';
import { up } from '../external.js';
import { absent, countOf, increase, quantile, rate, value } from '../read.js';
import { byUsers, quick } from '../routes.js';
import { alert, byRelease, recording, type RuleDeclarations } from '../rules.js';
import { like } from '../series.js';

const withServerError = { ...byUsers, status_code: like('5..') };

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

export const api: RuleDeclarations = {
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
      response: 'Look at the pods and their events: the API starts only with PostgreSQL and its migrations.',
      dashboard: 'tintype-overview',
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
      dashboard: 'tintype-api',
      inhibitedBy: [
        { alert: 'TintypeDependencyDown' },
        { alert: 'TintypeBacklogFull' },
        { alert: 'TintypeApiAvailabilityBudgetBurnFast' },
      ],
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
      dashboard: 'tintype-api',
      inhibitedBy: [
        { alert: 'TintypeDependencyDown' },
        { alert: 'TintypeDatabaseSlow' },
        { alert: 'TintypeApiLatencyBudgetBurnFast' },
      ],
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
      dashboard: 'tintype-queue',
    }),
    alert({
      alert: 'TintypeUploadsRefused',
      severity: 'warning',
      for: '5m',
      expr: increase(metrics.uploadsRejected, '10m', { reason: 'too_many' })
        .sumBy(...byRelease)
        .above(0),
      summary: 'Uploads are refused because a pod receives too many at once.',
      seen: '{{ $labels.service }} refused {{ $value | humanize }} uploads in ten minutes.',
      response: 'Add pods of the API; UPLOADS_IN_FLIGHT_MAX is how many uploads one of them takes at a time.',
      dashboard: 'tintype-api',
      inhibitedBy: [{ alert: 'TintypeStorageErrors' }],
    }),
    alert({
      alert: 'TintypeEventStreamsRefused',
      severity: 'warning',
      for: '5m',
      expr: increase(metrics.eventStreamsRefused, '10m')
        .sumBy(...byRelease)
        .above(0),
      summary: 'Clients that want to follow a job are refused because too many do already.',
      seen: '{{ $labels.service }} refused {{ $value | humanize }} event streams in ten minutes.',
      response: 'Add pods of the API, or raise EVENT_STREAMS_MAX.',
      dashboard: 'tintype-api',
    }),
  ],
};
