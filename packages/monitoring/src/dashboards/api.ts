/** What clients ask for, how they are answered, and what is taken from them. */
import { BytesIEC, OpsPerSecond, PercentUnit, RequestsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { type DashboardDeclaration, lately, p95, quantiles, query, type Row, spread } from '../panels.js';
import { countOf, increase, quantile, rate, value } from '../read.js';
import { byUsers, quick } from '../routes.js';
import { like } from '../series.js';
import { processes } from './processes.js';

const failed = { ...byUsers, status_code: like('5..') };
const refused = { ...byUsers, status_code: like('4..') };
const unused = 'Nobody has used the API.';

const now: Row = {
  title: 'Now',
  panels: [
    {
      kind: 'stat',
      title: 'Requests',
      shows: 'Per second, without probes and scrapes.',
      normal: 'what clients ask for.',
      unit: RequestsPerSecond,
      width: 6,
      queries: [query(rate(metrics.httpRequests, lately, byUsers).sumBy(), 'requests', unused)],
    },
    {
      kind: 'stat',
      title: 'Server errors',
      shows: 'Share of the requests that were answered with 500 or more.',
      normal: 'none.',
      watchedBy: ['TintypeApiErrors'],
      unit: PercentUnit,
      width: 6,
      thresholds: { orange: 0.001, red: 0.05 },
      queries: [
        query(
          rate(metrics.httpRequests, lately, failed)
            .sumBy()
            .orZeroOf(rate(metrics.httpRequests, lately, byUsers).sumBy())
            .dividedBy(rate(metrics.httpRequests, lately, byUsers).sumBy().above(0)),
          'failed',
          unused,
        ),
      ],
    },
    {
      kind: 'stat',
      title: 'Time to answer, p95',
      shows: 'Of requests that neither carry an image, nor download one, nor wait for a job.',
      normal: 'below 100 ms.',
      watchedBy: ['TintypeApiSlow'],
      unit: Seconds,
      width: 6,
      thresholds: { orange: 0.5, red: 1 },
      queries: [p95(metrics.httpRequestDuration, [], 'p95', 'Nobody has sent such a request lately.', quick)],
    },
    {
      kind: 'stat',
      title: 'Requests in flight',
      shows: 'Being answered now, those that wait for a job among them.',
      normal: 'a few for each pod, and one more for each client that waits.',
      unit: Short,
      width: 6,
      queries: [query(value(metrics.httpRequestsInFlight).sumBy(), 'in flight')],
    },
  ],
};

const requests: Row = {
  title: 'Requests',
  panels: [
    {
      kind: 'time series',
      title: 'Requests by route',
      shows: 'Without probes and scrapes. Routes are templates; `unmatched` is a path that there is not.',
      normal: 'the mix that clients ask for.',
      unit: RequestsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.httpRequests, lately, byUsers).sumBy('method', 'route'), '{{method}} {{route}}', unused)],
    },
    {
      kind: 'time series',
      title: 'Refused requests by route',
      shows: 'Answered with 4xx: what the client did (499: it left before the answer).',
      normal: 'a few, of clients that err.',
      unit: RequestsPerSecond,
      stacked: true,
      queries: [
        query(
          rate(metrics.httpRequests, lately, refused).sumBy('status_code', 'method', 'route'),
          '{{status_code}} {{method}} {{route}}',
          'No request was refused.',
        ),
      ],
    },
    {
      kind: 'time series',
      title: 'Failed requests by route',
      shows: 'Answered with 5xx: a fault of the service, or of what it needs.',
      normal: 'none.',
      watchedBy: ['TintypeApiErrors', 'TintypeApiAvailabilityBudgetBurnFast', 'TintypeApiAvailabilityBudgetBurnSlow'],
      unit: RequestsPerSecond,
      stacked: true,
      queries: [
        query(
          rate(metrics.httpRequests, lately, failed).sumBy('status_code', 'method', 'route'),
          '{{status_code}} {{method}} {{route}}',
          'No request failed.',
          'api-errors',
        ),
      ],
    },
  ],
};

const time: Row = {
  title: 'Time to answer',
  panels: [
    {
      kind: 'time series',
      title: 'Time to answer, p95 by route',
      shows: 'Uploads take as long as the line of the client does, and requests that wait for a job as long as the job.',
      normal: 'below 100 ms where nothing is waited for.',
      unit: Seconds,
      queries: [p95(metrics.httpRequestDuration, ['method', 'route'], '{{method}} {{route}}', unused, byUsers)],
    },
    {
      kind: 'time series',
      title: 'Time to answer without waiting',
      shows: 'Of requests that neither carry an image, nor download one, nor wait for a job.',
      normal: 'p95 below 100 ms.',
      watchedBy: ['TintypeApiSlow', 'TintypeApiLatencyBudgetBurnFast', 'TintypeApiLatencyBudgetBurnSlow'],
      unit: Seconds,
      thresholds: { red: 1 },
      queries: quantiles(
        (q) => quantile(q, metrics.httpRequestDuration, lately, [], quick),
        'Nobody has sent such a request lately.',
      ),
    },
    {
      kind: 'heatmap',
      title: 'How times to answer spread',
      shows: 'Of all requests but probes and scrapes: how many took how long.',
      normal: 'most in the lowest rows; a second band is requests that wait, or something slow.',
      unit: Seconds,
      queries: [spread(metrics.httpRequestDuration, byUsers)],
    },
  ],
};

const ofRange = '$__range';
const routes: Row = {
  title: 'Routes',
  panels: [
    {
      kind: 'table',
      title: 'Routes in the time range',
      shows: 'Requests, the share of them that were refused (4xx) and failed (5xx), and the time that 95 % of them kept within.',
      normal: 'no failures; refusals where clients err.',
      watchedBy: ['TintypeApiErrors'],
      unit: Short,
      width: 24,
      labels: ['method', 'route'],
      units: { refused: PercentUnit, failed: PercentUnit, p95: Seconds },
      thresholds: { refused: { orange: 0.25 }, failed: { orange: 0.001, red: 0.05 } },
      queries: [
        query(increase(metrics.httpRequests, ofRange, byUsers).sumBy('method', 'route'), 'requests', unused),
        query(
          increase(metrics.httpRequests, ofRange, refused)
            .sumBy('method', 'route')
            .orZeroOf(increase(metrics.httpRequests, ofRange, byUsers).sumBy('method', 'route'))
            .dividedBy(increase(metrics.httpRequests, ofRange, byUsers).sumBy('method', 'route').above(0)),
          'refused',
          unused,
        ),
        query(
          increase(metrics.httpRequests, ofRange, failed)
            .sumBy('method', 'route')
            .orZeroOf(increase(metrics.httpRequests, ofRange, byUsers).sumBy('method', 'route'))
            .dividedBy(increase(metrics.httpRequests, ofRange, byUsers).sumBy('method', 'route').above(0)),
          'failed',
          unused,
        ),
        query(quantile(0.95, metrics.httpRequestDuration, ofRange, ['method', 'route'], byUsers), 'p95', unused),
      ],
    },
  ],
};

const taken: Row = {
  title: 'Uploads and jobs',
  panels: [
    {
      kind: 'time series',
      title: 'Uploads by format',
      shows: 'Images that were accepted, whether with a job or alone.',
      normal: 'what clients send.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(countOf(metrics.uploadSize), lately).sumBy('format'), '{{format}}')],
    },
    {
      kind: 'time series',
      title: 'Refused uploads by reason',
      shows: '`out_of_space` and `too_many` are for want of space and of pods, the others are what the client sent.',
      normal: 'a few, of clients that err.',
      watchedBy: ['TintypeStorageFull', 'TintypeUploadsRefused'],
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.uploadsRejected, lately).sumBy('reason'), '{{reason}}')],
    },
    {
      kind: 'heatmap',
      title: 'Size of uploads',
      shows: 'How many accepted images were how large.',
      normal: 'what clients send; `UPLOAD_MAX_BYTES` is the most.',
      unit: BytesIEC,
      queries: [spread(metrics.uploadSize)],
    },
    {
      kind: 'time series',
      title: 'Jobs accepted by priority',
      shows: 'Accepted is stored: they will be run.',
      normal: 'what clients ask for; `bulk` comes in heaps.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.jobsCreated, lately).sumBy('priority'), '{{priority}}')],
    },
    {
      kind: 'time series',
      title: 'Refused jobs by reason',
      shows: 'New jobs that were not accepted because too many wait.',
      normal: 'none.',
      watchedBy: ['TintypeBacklogFull'],
      more: 'tintype-queue',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.jobsRefused, lately).sumBy('reason'), '{{reason}}')],
    },
    {
      kind: 'time series',
      title: 'Batches and repeated requests',
      shows:
        'Batches accepted, and requests whose `Idempotency-Key` was known: `replayed` were answered as the first one was, ' +
        '`in_progress` came while it was being answered, `different` are mistakes of clients.',
      normal: '`replayed` now and then, `different` never.',
      unit: OpsPerSecond,
      queries: [
        query(rate(metrics.batchesCreated, lately).sumBy(), 'batches'),
        query(rate(metrics.idempotentRequests, lately).sumBy('outcome'), '{{outcome}}'),
      ],
    },
  ],
};

const events: Row = {
  title: 'Events',
  panels: [
    {
      kind: 'time series',
      title: 'Clients that follow jobs',
      shows: 'Open streams of events, by pod. `EVENT_STREAMS_MAX` is how many one pod lets in.',
      normal: 'one for each client that watches a job.',
      unit: Short,
      stacked: true,
      queries: [query(value(metrics.eventStreamsOpen).sumBy('pod'), '{{pod}}')],
    },
    {
      kind: 'time series',
      title: 'Events sent by type',
      shows: 'To clients that follow a job.',
      normal: 'a few for each job that is followed.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.jobEventsSent, lately).sumBy('type'), '{{type}}')],
    },
    {
      kind: 'time series',
      title: 'Refused clients that would follow jobs',
      shows: 'Because too many do already.',
      normal: 'none.',
      watchedBy: ['TintypeEventStreamsRefused'],
      unit: Short,
      queries: [query(increase(metrics.eventStreamsRefused, lately).sumBy(), 'refused')],
    },
  ],
};

export const api: DashboardDeclaration = {
  uid: 'tintype-api',
  title: 'API',
  description: 'What clients ask for, how they are answered, and what is taken from them.',
  rows: [now, requests, time, routes, taken, events, processes('api')],
};
