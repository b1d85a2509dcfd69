/** Every metric that rules and dashboards read and Tintype does not export. */
import { type Kind, type Labels, metrics } from '@tintype/metrics';
import type { Exporter, Series } from './series.js';

function external<const L extends Labels, const K extends Kind, const E extends Exporter>(
  kind: K,
  name: string,
  owner: E,
  labels: L,
): Series<L, K, 'instance', E> {
  return { kind, name, owner, labels, scope: 'instance' };
}

const containers = { namespace: 'open', pod: 'open', container: 'open' } as const;
const resources = { ...containers, resource: ['cpu', 'memory'] } as const;

/** Of Prometheus itself: whether the last scrape of a target worked. */
export const up = {
  api: external('gauge', 'up', 'api', {}),
  worker: external('gauge', 'up', 'worker', {}),
  both: external('gauge', 'up', 'both', {}),
} as const;

/** Exported by the services themselves, but under the names that every process has. */
export const runtime = {
  cpu: metrics.processCpu,
  residentMemory: metrics.residentMemory,
  processStart: metrics.processStart,
  openFds: metrics.openFds,
  maxFds: metrics.maxFds,
  eventLoopLagP99: metrics.eventLoopLagP99,
  heapUsed: metrics.heapUsed,
  heapTotal: metrics.heapTotal,
  externalMemory: metrics.externalMemory,
} as const;

/** When the process started: of the workers alone. */
export const processStart = { worker: external('gauge', 'process_start_time_seconds', 'worker', {}) } as const;

/** Of the kubelet (cAdvisor) and of kube-state-metrics, both of which kube-prometheus-stack scrapes. */
export const container = {
  cpu: external('counter', 'container_cpu_usage_seconds_total', 'cluster', containers),
  memory: external('gauge', 'container_memory_working_set_bytes', 'cluster', containers),
  limits: external('gauge', 'kube_pod_container_resource_limits', 'cluster', resources),
  requests: external('gauge', 'kube_pod_container_resource_requests', 'cluster', resources),
  restarts: external('counter', 'kube_pod_container_status_restarts_total', 'cluster', containers),
  lastTermination: external('gauge', 'kube_pod_container_status_last_terminated_reason', 'cluster', {
    ...containers,
    reason: ['OOMKilled', 'Error', 'Completed', 'ContainerCannotRun', 'DeadlineExceeded', 'Evicted'],
  }),
} as const;

/** Of Prometheus itself: 1 for each alert of Tintype that holds. */
export const alertsNow = external('gauge', 'ALERTS', 'rules', {
  namespace: 'open',
  alertname: 'open',
  alertstate: ['pending', 'firing'],
  severity: ['critical', 'warning'],
});

export const externalSeries: readonly Series[] = [
  alertsNow,
  ...Object.values(up),
  ...Object.values(processStart),
  ...Object.values(container),
];
