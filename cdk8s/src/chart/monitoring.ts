import type { IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import type { App } from 'cdk8s';
import { merge, optional } from '../helm/directives.js';
import { Manifest, TemplateFile } from '../helm/manifest.js';
import { apiPort } from './api.js';
import { labelsOf, nameOf, selectorOf } from './names.js';
import { v } from './values.js';
import { workerPort } from './worker.js';

export function monitoring(app: App): void {
  serviceMonitor(app, 'api', apiPort);
  serviceMonitor(app, 'worker', workerPort);
}

function serviceMonitor(app: App, component: 'api' | 'worker', port: string): void {
  const { enabled, labels, interval } = v.metrics.serviceMonitor;
  new Manifest<IServiceMonitor>(
    new TemplateFile(app, `${component}/servicemonitor.yaml`),
    'monitor',
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: { name: nameOf(component), labels: { ...labelsOf(component), ...merge(labels) } },
      spec: {
        selector: { matchLabels: selectorOf(component) },
        endpoints: [{ port, path: '/metrics', ...optional('interval', interval) }],
      },
    },
    enabled,
  );
}
