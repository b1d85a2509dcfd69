/** What API and worker have in common: a Deployment, and what scales, protects and names it. */
import type { App } from 'cdk8s';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IServiceAccount } from 'kubernetes-models/v1';
import type { IIoK8sApiCoreV1Container as Container } from 'kubernetes-models/v1/Container';
import { items, merge, optional, when } from '../helm/directives.js';
import { checksum, Expression, include } from '../helm/expression.js';
import { Manifest, TemplateFile, type Templated } from '../helm/manifest.js';
import { configurationOf, secretsMount, secretsVolume, storageMount, storageVolume } from './configuration.js';
import { migratesInPod, migrationContainers } from './migration.js';
import { labelsOf, nameOf, selectorOf } from './names.js';
import { v } from './values.js';

export interface Workload {
  readonly component: 'api' | 'worker';
  readonly port: { readonly name: string; readonly containerPort: number };
  readonly terminationGracePeriodSeconds: Expression<number>;
  /** Last words of its container. */
  readonly container?: Templated<Pick<Container, 'lifecycle'>>;
}

export function workload(app: App, options: Workload): void {
  deployment(app, options);
  autoscaler(app, options.component);
  disruptionBudget(app, options.component);
  serviceAccount(app, options.component);
}

function deployment(app: App, { component, port, terminationGracePeriodSeconds, container = {} }: Workload): void {
  const values = v[component];
  new Manifest<IDeployment>(new TemplateFile(app, `${component}/deployment.yaml`), 'deployment', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: nameOf(component), labels: labelsOf(component) },
    spec: {
      ...when(values.autoscaling.enabled.not(), { replicas: values.replicas }),
      revisionHistoryLimit: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      selector: { matchLabels: selectorOf(component) },
      template: {
        metadata: {
          labels: { ...selectorOf(component), ...merge(values.podLabels) },
          annotations: { 'checksum/configuration': checksum(configurationOf(component)), ...merge(values.podAnnotations) },
        },
        spec: {
          serviceAccountName: serviceAccountName(component),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          ...optional('imagePullSecrets', v.imagePullSecrets),
          ...optional('priorityClassName', values.priorityClassName),
          terminationGracePeriodSeconds,
          securityContext: v.podSecurityContext,
          ...when(migratesInPod, { initContainers: migrationContainers(component) }),
          containers: [
            {
              name: component,
              image: include('tintype.image', { image: values.image.all }),
              imagePullPolicy: values.image.pullPolicy,
              envFrom: [{ configMapRef: { name: nameOf(component) } }],
              ...optional('env', values.extraEnv),
              ports: [port],
              startupProbe: { ...probe('/startupz', port.name), periodSeconds: 2, failureThreshold: 60 },
              livenessProbe: { ...probe('/livez', port.name), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
              readinessProbe: { ...probe('/readyz', port.name), periodSeconds: 5, timeoutSeconds: 3 },
              ...container,
              resources: values.resources,
              securityContext: v.containerSecurityContext,
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, secretsMount, storageMount, items(values.extraVolumeMounts)],
            },
          ],
          volumes: [
            { name: 'tmp', emptyDir: { sizeLimit: values.temporaryStorage } },
            secretsVolume,
            storageVolume,
            items(values.extraVolumes),
          ],
          ...optional('nodeSelector', values.nodeSelector),
          ...optional('tolerations', values.tolerations),
          ...optional('affinity', values.affinity),
          ...when(
            values.topologySpreadConstraints,
            { topologySpreadConstraints: values.topologySpreadConstraints },
            {
              topologySpreadConstraints: [
                spread('kubernetes.io/hostname', component),
                spread('topology.kubernetes.io/zone', component),
              ],
            },
          ),
        },
      },
    },
  });
}

function probe(path: string, port: string) {
  return { httpGet: { path, port } };
}

function spread(topologyKey: string, component: Workload['component']) {
  return {
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'ScheduleAnyway' as const,
    labelSelector: { matchLabels: selectorOf(component) },
    // Pods of the old version that a rollout will remove do not count.
    matchLabelKeys: ['pod-template-hash'],
  };
}

function autoscaler(app: App, component: Workload['component']): void {
  const { enabled, minReplicas, maxReplicas, targetCPUUtilizationPercentage } = v[component].autoscaling;
  new Manifest<IHorizontalPodAutoscaler>(
    new TemplateFile(app, `${component}/horizontalpodautoscaler.yaml`),
    'autoscaler',
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: nameOf(component), labels: labelsOf(component) },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: nameOf(component) },
        minReplicas,
        maxReplicas,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: targetCPUUtilizationPercentage } },
          },
        ],
      },
    },
    enabled,
  );
}

function disruptionBudget(app: App, component: Workload['component']): void {
  const { enabled, maxUnavailable } = v[component].podDisruptionBudget;
  new Manifest<IPodDisruptionBudget>(
    new TemplateFile(app, `${component}/poddisruptionbudget.yaml`),
    'budget',
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: nameOf(component), labels: labelsOf(component) },
      spec: {
        maxUnavailable,
        // A pod that never gets ready must not keep a node from being drained.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: selectorOf(component) },
      },
    },
    enabled,
  );
}

function serviceAccount(app: App, component: Workload['component']): void {
  const { create, annotations } = v[component].serviceAccount;
  new Manifest<IServiceAccount>(
    new TemplateFile(app, `${component}/serviceaccount.yaml`),
    'account',
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: serviceAccountName(component), labels: labelsOf(component), ...optional('annotations', annotations) },
      automountServiceAccountToken: false,
    },
    create,
  );
}

function serviceAccountName(component: Workload['component']): Expression<string> {
  const account = v[component].serviceAccount;
  return include(`tintype.serviceAccountName`, { account: account.all, component });
}
