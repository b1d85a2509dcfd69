import { metrics } from '@tintype/metrics';
import { container, up } from '../external.js';
import { absent, increase, rate, value } from '../read.js';
import { alert, byRelease, type RuleDeclarations } from '../rules.js';

const byPod = ['namespace', 'service', 'pod'] as const;
const apiUp = value(up.api).sumBy('namespace').above(0);
const workerUp = value(up.worker).sumBy('namespace').above(0);

export const pods: RuleDeclarations = {
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
      dashboard: 'tintype-overview',
      inhibitedBy: [{ alert: 'TintypeApiDown' }, { alert: 'TintypeNoWorkers' }],
    }),
    alert({
      alert: 'TintypeMetricsMissing',
      severity: 'warning',
      for: '10m',
      expr: absent(metrics.jobsCreated).and(apiUp, 'namespace').or(absent(metrics.jobsProcessed).and(workerUp, 'namespace')),
      summary: 'Pods answer Prometheus, but not with the metrics of Tintype.',
      seen: 'Prometheus reads pods of {{ $labels.service }} and finds no metric of Tintype.',
      response: 'Something drops them (metricRelabelings), or another program answers; until then other alerts are blind.',
      dashboard: 'tintype-overview',
    }),
    alert({
      alert: 'TintypePodRestarting',
      severity: 'warning',
      for: '1m',
      expr: increase(container.restarts, '1h').sumBy('namespace', 'pod').atLeast(3),
      summary: 'A pod restarts again and again.',
      seen: 'Pod {{ $labels.pod }} restarted {{ $value | humanize }} times in an hour.',
      response: 'kubectl describe tells the reason of the last end: out of memory, a failed probe, or an error in the log.',
      dashboard: 'tintype-overview',
      inhibitedBy: [{ alert: 'TintypePodOutOfMemory', equal: ['pod'] }],
    }),
    alert({
      alert: 'TintypePodOutOfMemory',
      severity: 'warning',
      for: '0m',
      expr: increase(container.restarts, '1h')
        .sumBy('namespace', 'pod')
        .above(0)
        .and(value(container.lastTermination, { reason: 'OOMKilled' }).sumBy('namespace', 'pod').above(0), 'namespace', 'pod'),
      summary: 'A pod was killed because it held more memory than it may.',
      seen: 'Pod {{ $labels.pod }} restarted {{ $value | humanize }} times in an hour, the last time out of memory.',
      response: 'Of a worker, WORKER_CONCURRENCY and CHILD_MEMORY_MB are more than its memory limit holds.',
      dashboard: 'tintype-overview',
    }),
    alert({
      alert: 'TintypeEventLoopSaturated',
      severity: 'warning',
      for: '10m',
      expr: rate(metrics.eventLoopTime, '5m', { state: 'active' })
        .sumBy(...byPod)
        .dividedBy(
          rate(metrics.eventLoopTime, '5m')
            .sumBy(...byPod)
            .above(0),
        )
        .above(0.9),
      summary: 'A process is busy all of the time, so that everything in it waits.',
      seen: 'The event loop of pod {{ $labels.pod }} is busy for {{ $value | humanizePercentage }} of the time.',
      response: 'Add pods, or give them more processor time.',
      dashboard: 'tintype-overview',
    }),
    alert({
      alert: 'TintypeVersionSkew',
      severity: 'warning',
      for: '1h',
      expr: value(metrics.buildInfo)
        .countBy(...byRelease, 'version')
        .countBy(...byRelease)
        .above(1),
      summary: 'Two versions have been running side by side for an hour.',
      seen: '{{ $value | humanize }} versions of {{ $labels.service }} run in {{ $labels.namespace }}.',
      response: 'A rolling update does not come to its end: kubectl rollout status tells what it waits for.',
      dashboard: 'tintype-overview',
    }),
  ],
};
