/** The dashboard that shows a whole installation, from the work that it does down to its pods. */
import { BytesIEC, OpsPerSecond, PercentUnit, RequestsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { metrics } from '@tintype/metrics';
import { container, up } from './external.js';
import { events, upkeep } from './overview-lifecycle.js';
import { type DashboardDeclaration, type Panel, quantiles, query, type Row } from './panels.js';
import { jobs } from './places.js';
import { countOf, increase, quantile, rate, shared, sumOf, value } from './read.js';
import { probeRoutes } from './routes.js';
import { anyOf, like, noneOf } from './series.js';

const recently = '$__rate_interval';
const byUsers = { route: noneOf(...probeRoutes) };

const throughput: Panel = {
  title: 'Outputs by action and status',
  description:
    'Outputs that ended, counted once for each distinct action of their pipeline; convert is a pipeline without operations. ' +
    'Actions that the time range has not seen are left out.',
  unit: OpsPerSecond,
  stacked: true,
  queries: [
    query(
      rate(metrics.jobsProcessed, recently)
        .sumBy('action', 'status')
        .and(increase(metrics.jobsProcessed, '$__range').sumBy('action', 'status').above(0), 'action', 'status'),
      '{{action}} {{status}}',
      'No output has ended in the time range.',
    ),
  ],
};

const failures: Panel = {
  title: 'Failed share of outputs',
  description: 'Of the outputs that ended. TintypeJobsFailing fires above a quarter.',
  unit: PercentUnit,
  max: 1,
  thresholds: { orange: 0.1, red: 0.25 },
  queries: [
    query(
      rate(metrics.jobsProcessed, recently, { status: 'failed' })
        .sumBy()
        .dividedBy(rate(metrics.jobsProcessed, recently).sumBy().above(0)),
      'failed',
      'No output ended lately.',
    ),
  ],
};

const duration: Panel = {
  title: 'Time of an attempt',
  description: 'From the claim of a job to its end. The largest bucket is 10 s: a line there means 10 s or more.',
  unit: Seconds,
  thresholds: { red: 10 },
  queries: quantiles((q) => quantile(q, metrics.jobDuration, recently, []), 'No attempt ended lately.'),
};

const work: Row = { title: 'Work', panels: [throughput, failures, duration] };

const queue: Row = {
  title: 'Queue',
  panels: [
    {
      title: 'Unfinished jobs',
      description: 'Jobs in the database that have not ended. Every pod of the API reports the same figure.',
      unit: Short,
      stacked: true,
      queries: [query(shared(metrics.jobsUnfinished).maxBy('status'), '{{status}}')],
    },
    {
      title: 'Age of the oldest queued job',
      description: 'How long the job that has waited longest could have run. TintypeQueueSlow fires above two minutes.',
      unit: Seconds,
      thresholds: { orange: 120, red: 300 },
      queries: [query(shared(metrics.oldestQueuedAge).maxBy(), 'oldest')],
    },
    {
      title: 'Wait before the first attempt',
      description: 'From when a job could run to its first claim.',
      unit: Seconds,
      queries: quantiles((q) => quantile(q, metrics.jobQueueWait, recently, []), 'No job was begun lately.'),
    },
  ],
};

const api: Row = {
  title: 'API',
  panels: [
    {
      title: 'Requests by route',
      description: 'Without probes and scrapes. Routes are templates; unmatched is a path that there is not.',
      unit: RequestsPerSecond,
      stacked: true,
      queries: [
        query(
          rate(metrics.httpRequests, recently, byUsers).sumBy('method', 'route'),
          '{{method}} {{route}}',
          'Nobody has used the API.',
        ),
      ],
    },
    {
      title: 'Refused and failed requests by route',
      description: '4xx is what the client did (499: it left before the answer), 5xx is a fault of the service.',
      unit: RequestsPerSecond,
      stacked: true,
      queries: [
        query(
          rate(metrics.httpRequests, recently, { ...byUsers, status_code: like('4..|5..') }).sumBy(
            'status_code',
            'method',
            'route',
          ),
          '{{status_code}} {{method}} {{route}}',
          'No request was refused or failed.',
        ),
      ],
    },
    {
      title: 'Time to answer, p95 by route',
      description: 'Uploads take as long as the line of the client does, and requests that wait for a job as long as the job.',
      unit: Seconds,
      queries: [
        query(
          quantile(0.95, metrics.httpRequestDuration, recently, ['method', 'route'], byUsers),
          '{{method}} {{route}}',
          'Nobody has used the API.',
        ),
      ],
    },
    {
      title: 'Requests in flight',
      description: 'Requests being answered now, those that wait for a job among them.',
      unit: Short,
      stacked: true,
      queries: [query(value(metrics.httpRequestsInFlight).sumBy('pod'), '{{pod}}')],
    },
    {
      title: 'Uploads by format',
      description: 'Images that were accepted, whether with a job or alone.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(countOf(metrics.uploadSize), recently).sumBy('format'), '{{format}}')],
    },
    {
      title: 'Refused uploads by reason',
      description: 'out_of_space is a fault of the service (TintypeStorageFull), the others are what the client sent.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.uploadsRejected, recently).sumBy('reason'), '{{reason}}')],
    },
  ],
};

const workers: Row = {
  title: 'Workers',
  panels: [
    {
      title: 'Busy share',
      description: 'Jobs that run, of those that may run at once. TintypeWorkersSaturated fires above 90 % while jobs wait.',
      unit: PercentUnit,
      max: 1,
      thresholds: { orange: 0.9 },
      queries: [
        query(value(metrics.jobsActive).sumBy().dividedBy(value(metrics.concurrency).sumBy()), 'all'),
        query(value(metrics.jobsActive).sumBy('pod').dividedBy(value(metrics.concurrency).sumBy('pod')), '{{pod}}'),
      ],
    },
    {
      title: 'Attempts by outcome',
      description:
        'completed and failed end a job; retried, postponed (storage away), crashed and released put it back; fenced came too late.',
      unit: OpsPerSecond,
      stacked: true,
      queries: [query(rate(metrics.jobAttempts, recently).sumBy('outcome'), '{{outcome}}')],
    },
    {
      title: 'Mean time of an attempt by stage',
      description: 'Fetch and store are the storage, process is the image, record is PostgreSQL.',
      unit: Seconds,
      stacked: true,
      queries: [
        query(
          rate(sumOf(metrics.jobStageDuration), recently)
            .sumBy('stage')
            .dividedBy(rate(countOf(metrics.jobStageDuration), recently).sumBy('stage').above(0)),
          '{{stage}}',
          'No attempt ended lately.',
        ),
      ],
    },
    {
      title: 'Image processes that ended',
      description: 'recycled and stopped are as planned. TintypeChildCrashes fires on crashed, timeout and memory.',
      unit: Short,
      stacked: true,
      queries: [query(increase(metrics.childExits, recently).sumBy('reason'), '{{reason}}')],
    },
    {
      title: 'Recovery',
      description: 'Leases of workers that died, jobs that no wake announced (retries among them), writes that came too late.',
      unit: Short,
      queries: [
        query(increase(metrics.leasesExpired, recently).sumBy(), 'leases expired'),
        query(increase(metrics.jobsFoundByPolling, recently).sumBy(), 'found by polling'),
        query(increase(metrics.writesFenced, recently).sumBy(), 'writes refused'),
      ],
    },
    {
      title: 'Jobs accepted and ended',
      description: 'Where more are accepted than end, the queue grows.',
      unit: OpsPerSecond,
      queries: [
        query(rate(metrics.jobsCreated, recently).sumBy(), 'accepted'),
        query(rate(metrics.jobAttempts, recently, { outcome: anyOf('completed', 'failed', 'canceled') }).sumBy(), 'ended'),
      ],
    },
  ],
};

const pods: Row = {
  title: 'Pods',
  panels: [
    {
      title: 'Targets up',
      description: 'Pods whose metrics Prometheus can read, of those that it knows.',
      unit: Short,
      queries: [query(value(up.both).sumBy('job'), '{{job}} up'), query(value(up.both).countBy('job'), '{{job}} known')],
    },
    {
      title: 'Restarts',
      description: 'Restarts of containers. TintypePodRestarting fires at three in an hour.',
      unit: Short,
      queries: [query(increase(container.restarts, recently).sumBy('pod'), '{{pod}}')],
    },
    {
      title: 'Versions',
      description: 'Pods by what they run: two versions side by side are a rollout, or one that got stuck.',
      unit: Short,
      stacked: true,
      queries: [query(value(metrics.buildInfo).countBy('component', 'version'), '{{component}} {{version}}')],
    },
    {
      title: 'Processor time',
      description: 'Cores in use by each pod, and what a container asks for and may use at most.',
      unit: Short,
      width: 12,
      queries: [
        query(rate(container.cpu, recently).sumBy('pod'), '{{pod}}'),
        query(value(container.requests, { resource: 'cpu' }).maxBy('container'), 'request of {{container}}'),
        query(
          value(container.limits, { resource: 'cpu' }).maxBy('container'),
          'limit of {{container}}',
          'The chart sets no limit of processor time unless it is told to.',
        ),
      ],
    },
    {
      title: 'Memory',
      description:
        'Working set of each pod, and where the kernel ends a container. Image processes count as part of their worker.',
      unit: BytesIEC,
      width: 12,
      queries: [
        query(value(container.memory).sumBy('pod'), '{{pod}}'),
        query(value(container.limits, { resource: 'memory' }).maxBy('container'), 'limit of {{container}}'),
      ],
    },
  ],
};

const info = metrics.buildInfo.name;

export const overview: DashboardDeclaration = {
  uid: 'tintype-overview',
  title: 'Tintype / Overview',
  description: 'What Tintype does, how long it takes, and how the pods are that do it.',
  variables: [
    {
      name: 'namespace',
      label: 'Namespace',
      query: `label_values(${info}{job=~"${jobs.api}|${jobs.worker}"}, namespace)`,
    },
    { name: 'pod', label: 'Pod', query: `label_values(${info}{namespace="$namespace"}, pod)`, multiple: true },
  ],
  rows: [work, queue, api, events, workers, upkeep, pods],
};
