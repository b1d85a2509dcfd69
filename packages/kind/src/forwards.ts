/** Ports of this machine that lead to services of the cluster. */
import type { Cluster } from './cluster.js';
import { prometheusService } from './prometheus.js';
import { monitoring } from './releases.js';

const grafana = `${monitoring.name}-grafana`;

const forwards = {
  grafana: { service: grafana, localPort: 3000, port: 80 },
  prometheus: { service: prometheusService.name, localPort: prometheusService.port, port: prometheusService.port },
  alertmanager: { service: `${monitoring.name}-kube-prometheus-stack-alertmanager`, localPort: 9093, port: 9093 },
};

export type Forward = keyof typeof forwards;

export function isForward(name: string | undefined): name is Forward {
  return name !== undefined && name in forwards;
}

export function localUrl(forward: Forward, localPort = forwards[forward].localPort): string {
  return `http://localhost:${localPort}`;
}

/** The arguments of kubectl. */
export function portForwardArgs({ context }: Cluster, forward: Forward, localPort = forwards[forward].localPort): string[] {
  const { service, port } = forwards[forward];
  return [
    '--context',
    context,
    '--namespace',
    monitoring.namespace,
    'port-forward',
    `service/${service}`,
    `${localPort}:${port}`,
  ];
}

const passwordTemplate = '{{index .data "admin-password" | base64decode}}';

export function grafanaPasswordArgs({ context }: Cluster): string[] {
  const secret = ['get', 'secret', grafana, '--output'];
  return ['--context', context, '--namespace', monitoring.namespace, ...secret, `go-template=${passwordTemplate}`];
}

/** A command of kubectl as a person would type it. */
export function typed(args: readonly string[]): string {
  return ['kubectl', ...args.map((arg) => (/^[\w./:@=-]+$/.test(arg) ? arg : `'${arg}'`))].join(' ');
}

export async function isInCluster(cluster: Cluster, forward: Forward): Promise<boolean> {
  const names = await cluster.kubectl(['get', 'services', '--namespace', monitoring.namespace, '--output', 'name']);
  return names.split('\n').includes(`service/${forwards[forward].service}`);
}
