import type { IPrometheusRule, IServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { dashboardFiles, jobs, publicRunbooks, ruleGroups } from '@tintype/monitoring';
import type { App } from 'cdk8s';
import type { IConfigMap } from 'kubernetes-models/v1';
import { merge, optional } from '../helm/directives.js';
import { builtin, fileContent, include } from '../helm/expression.js';
import type { Files } from '../helm/helm-chart.js';
import { Manifest, TemplateFile } from '../helm/manifest.js';
import { apiPort } from './api.js';
import { labelsOf, nameOf, selectorOf } from './names.js';
import { v } from './values.js';
import { workerPort } from './worker.js';

export function monitoring(app: App): void {
  serviceMonitor(app, 'api', apiPort);
  serviceMonitor(app, 'worker', workerPort);
  prometheusRule(app);
  dashboards(app);
}

/** The dashboards as files of the chart: their own double braces must not be taken for a template's. */
export function dashboardsInChart(): Files {
  return Object.fromEntries(Object.entries(dashboardFiles()).map(([name, json]) => [pathOf(name), json]));
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
        endpoints: [
          {
            port,
            path: '/metrics',
            ...optional('interval', interval),
            // Dashboards look for it; otherwise it would be the name of the Service, which has the release in it.
            relabelings: [{ targetLabel: 'job', replacement: jobs[component] }],
          },
        ],
      },
    },
    enabled,
  );
}

function prometheusRule(app: App): void {
  const { enabled, labels, runbookUrl, objectives } = v.metrics.prometheusRule;
  const groups = ruleGroups(
    { namespace: `${builtin('Release.Namespace')}`, fullname: `${include('tintype.fullname')}` },
    {
      runbooks: `${runbookUrl}`,
      objectives: {
        'api-availability': `${objectives.apiAvailability}`,
        'api-latency': `${objectives.apiLatency}`,
        'job-success': `${objectives.jobSuccess}`,
        'job-freshness': `${objectives.jobFreshness}`,
      },
    },
  );
  new Manifest<IPrometheusRule>(
    new TemplateFile(app, 'monitoring/prometheusrule.yaml'),
    'rule',
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: nameOf('monitoring'), labels: { ...labelsOf('monitoring'), ...merge(labels) } },
      // The line break keeps PromQL free of quotes.
      spec: {
        groups: groups.map((group) => ({
          ...group,
          rules: group.rules.map((rule) => ({ ...rule, expr: `${rule.expr}\n` })),
        })),
      },
    },
    enabled,
  );
}

/** One ConfigMap for each, as `kubectl apply` copies what it applies into an annotation, which holds 256 KiB. */
function dashboards(app: App): void {
  const { enabled, labels, annotations, namespace } = v.metrics.dashboards;
  const file = new TemplateFile(app, 'monitoring/dashboards.yaml');
  for (const name of Object.keys(dashboardFiles())) {
    const short = name.replace(/^tintype-(.+)\.json$/, '$1');
    new Manifest<IConfigMap>(
      file,
      short,
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: `${include('tintype.fullname')}-dashboard-${short}`,
          ...optional('namespace', namespace),
          labels: { ...labelsOf('monitoring'), ...merge(labels) },
          ...optional('annotations', annotations),
        },
        data: { [name]: fileContent(pathOf(name), { from: publicRunbooks, to: v.metrics.prometheusRule.runbookUrl }) },
      },
      enabled,
    );
  }
}

function pathOf(dashboard: string): string {
  return `dashboards/${dashboard}`;
}
