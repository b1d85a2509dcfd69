/** Everything that an operator may set, in the order of values.yaml. */
import type { IIoK8sApiCoreV1Affinity as Affinity } from 'kubernetes-models/v1/Affinity';
import type { IIoK8sApiCoreV1EnvVar as EnvVar } from 'kubernetes-models/v1/EnvVar';
import type { IIoK8sApiCoreV1LocalObjectReference as SecretReference } from 'kubernetes-models/v1/LocalObjectReference';
import type { IIoK8sApiCoreV1PodSecurityContext as PodSecurity } from 'kubernetes-models/v1/PodSecurityContext';
import type { IIoK8sApiCoreV1ResourceRequirements as Resources } from 'kubernetes-models/v1/ResourceRequirements';
import type { IIoK8sApiCoreV1SecurityContext as ContainerSecurity } from 'kubernetes-models/v1/SecurityContext';
import type { IIoK8sApiCoreV1Toleration as Toleration } from 'kubernetes-models/v1/Toleration';
import type { IIoK8sApiCoreV1TopologySpreadConstraint as TopologySpread } from 'kubernetes-models/v1/TopologySpreadConstraint';
import type { IIoK8sApiCoreV1Volume as Volume } from 'kubernetes-models/v1/Volume';
import type { IIoK8sApiCoreV1VolumeMount as VolumeMount } from 'kubernetes-models/v1/VolumeMount';
import type { IIoK8sApiNetworkingV1NetworkPolicyEgressRule as EgressRule } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicyEgressRule';
import type { IIoK8sApiNetworkingV1NetworkPolicyPeer as Peer } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicyPeer';
import { publicRunbooks, type SloId, slos } from '@tintype/monitoring';
import { choice, flag, group, integer, list, map, references, setting, share, text } from '../helm/values.js';
import { apiOnly, known, shared, workerOnly } from './settings.js';

const object = { type: 'object' };
const strings = { additionalProperties: { type: 'string' } };
const quantity = { pattern: '^[0-9.]+([EPTGMk]i?|m)?$' };

function image(repository: string, tag: string, tagDoc: string) {
  return group('Image.', {
    registry: text('', 'Registry host. Empty: that of the container runtime.'),
    repository: text(repository, 'Repository.', { minLength: 1 }),
    tag: text(tag, tagDoc, { not: { const: 'latest' } }),
    digest: text('', 'Digest; wins over the tag.', { pattern: '^(sha256:[a-f0-9]{64})?$' }),
    pullPolicy: choice(['IfNotPresent', 'Always', 'Never'], 'Pull policy.'),
  });
}

function ownImage(repository: string) {
  return image(repository, '', 'Tag. Empty: the appVersion of the chart.');
}

function autoscaling(maximum: number) {
  return group('HorizontalPodAutoscaler by processor time.', {
    enabled: flag(false, 'Create it; `replicas` then counts for nothing.'),
    minReplicas: integer(2, 'Fewest pods.', { minimum: 1 }),
    maxReplicas: integer(maximum, 'Most pods.', { minimum: 1 }),
    targetCPUUtilizationPercentage: integer(75, 'Share of the requested processor time that is aimed at.', { minimum: 1 }),
  });
}

const disruption = {
  podDisruptionBudget: group('PodDisruptionBudget.', {
    enabled: flag(true, 'Create it.'),
    maxUnavailable: integer(1, 'How many pods a drain of nodes may take away at once.', { minimum: 0 }),
  }),
};

function scheduling() {
  return {
    podAnnotations: map({}, 'Annotations of the pods.', strings),
    podLabels: map({}, 'Further labels of the pods.', strings),
    priorityClassName: text('', 'PriorityClass.'),
    nodeSelector: map({}, 'Labels that a node must have.', strings),
    tolerations: list<Toleration>([], 'Tolerations.', object),
    affinity: map<Affinity>({}, 'Affinity.'),
  };
}

function extras() {
  return {
    topologySpreadConstraints: list<TopologySpread>(
      [],
      'Instead of an even spread over nodes and zones, where possible.',
      object,
    ),
    ...containerExtras('Further environment variables; they win over the settings above.'),
    serviceAccount: group('ServiceAccount. Its token is never mounted: nothing here talks to Kubernetes.', {
      create: flag(true, 'Create it.'),
      name: text('', 'Name. Empty: that of the workload, or `default` when none is created.'),
      annotations: map({}, 'Annotations.', strings),
    }),
  };
}

function containerExtras(extraEnvDoc: string) {
  return {
    extraEnv: list<EnvVar>([], extraEnvDoc, { ...object, required: ['name'] }),
    extraVolumes: list<Volume>([], 'Further volumes.', { ...object, required: ['name'] }),
    extraVolumeMounts: list<VolumeMount>([], 'Further mounts.', { ...object, required: ['name', 'mountPath'] }),
  };
}

function persistence(size: string) {
  return group('Its volume. It outlives the release: delete the claim to delete the data.', {
    size: text(size, 'Size.', quantity),
    storageClassName: text('', 'StorageClass. Empty: the default one of the cluster.'),
  });
}

function objectiveOf(id: SloId): number {
  const slo = slos.find((each) => each.id === id);
  if (!slo) throw new Error(`There is no objective ${id}`);
  return slo.objective;
}

export const values = group('', {
  nameOverride: text('', 'Instead of the name of the chart in labels and names.'),
  fullnameOverride: text('', 'Instead of release and chart in names.'),
  global: group('Shared with the charts that this one is installed with.', {
    imageRegistry: text('', 'Registry host of all images.'),
  }),
  imagePullSecrets: list<SecretReference>([], 'Secrets for the registry.', { ...object, required: ['name'] }),
  podSecurityContext: map<PodSecurity>(
    { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    'Of the pods of API, worker, migration and test. The default satisfies the Pod Security Standard `restricted`.',
  ),
  containerSecurityContext: map<ContainerSecurity>(
    { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    'Of their containers.',
  ),
  settings: group('Settings of both services, by the names of docs/reference/settings.md.', shared),

  api: group('HTTP API.', {
    image: ownImage('tintype/api'),
    replicas: integer(2, 'Pods.', { minimum: 0 }),
    settings: group('Its settings.', apiOnly),
    drainDelaySeconds: integer(5, 'How long a stopping pod serves on, until load balancers have left it.', {
      minimum: 1,
      maximum: 300,
    }),
    shutdownTimeoutSeconds: integer(75, 'How long requests in progress may then take. Keep it above MAX_WAIT_SECONDS.', {
      minimum: 1,
      maximum: 3600,
    }),
    service: group('Service.', {
      type: choice(['ClusterIP', 'NodePort', 'LoadBalancer'], 'Type.'),
      port: integer(80, 'Port.', { minimum: 1, maximum: 65_535 }),
      annotations: map({}, 'Annotations.', strings),
    }),
    resources: map<Resources>(
      { requests: { cpu: '100m', memory: '192Mi' }, limits: { memory: '512Mi' } },
      'Requests and limits. No processor limit: it would only slow answers down.',
    ),
    temporaryStorage: text('1Gi', 'Size of /tmp.', quantity),
    autoscaling: autoscaling(10),
    ...disruption,
    ...scheduling(),
    ...extras(),
  }),

  worker: group('Worker: it processes the images.', {
    image: ownImage('tintype/worker'),
    replicas: integer(2, 'Pods.', { minimum: 0 }),
    settings: group('Its settings.', workerOnly),
    drainSeconds: integer(65, 'How long a stopping pod may go on with its jobs. Keep it above JOB_TIMEOUT_SECONDS.', {
      minimum: 0,
      maximum: 3500,
    }),
    resources: map<Resources>(
      { requests: { cpu: '250m', memory: '1Gi' }, limits: { memory: '2Gi' } },
      'Requests and limits. The memory limit bounds how many jobs run at the same time.',
    ),
    temporaryStorage: text('4Gi', 'Size of /tmp, where sources and results lie while a job runs.', quantity),
    autoscaling: autoscaling(20),
    ...disruption,
    ...scheduling(),
    ...extras(),
  }),

  migration: group('Brings the database up to date, before anything of a new version starts.', {
    enabled: flag(true, 'As a Job before install and upgrade; with the bundled PostgreSQL as an init container of every pod.'),
    resources: map<Resources>(
      { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '384Mi' } },
      'Requests and limits.',
    ),
    ...containerExtras('Further environment variables of the Job, as NODE_EXTRA_CA_CERTS.'),
  }),

  database: group('PostgreSQL of your own (17 or newer), or how the bundled one is used.', {
    host: text('', 'Host. Empty: the bundled one.'),
    port: setting(known.PG_PORT),
    user: setting(known.PG_USER),
    name: setting(known.PG_DBNAME),
    ssl: setting(known.PG_SSL),
    existingSecret: group('Secret with the password. The bundled PostgreSQL takes it too, and makes one when there is none.', {
      name: text('', 'Name.'),
      passwordKey: text('password', 'Key of the password.', { minLength: 1 }),
      urlKey: text('', 'Key of a whole URL, instead of host, port, user, name and password.'),
    }),
  }),

  queue: group('What wakes the workers.', {
    backend: choice(['redis', 'postgres'], 'Redis or Valkey; or PostgreSQL, which then does this as well.'),
  }),

  redis: group('Redis or Valkey of your own, or how the bundled one is used.', {
    host: text('', 'Host. Empty: the bundled one.'),
    port: setting(known.REDIS_PORT),
    user: setting(known.REDIS_USER),
    database: setting(known.REDIS_DB),
    tls: setting(known.REDIS_TLS),
    existingSecret: group('Secret with the password. The bundled Valkey takes it too, and makes one when there is none.', {
      name: text('', 'Name. Empty, and Valkey not bundled: no password.'),
      passwordKey: text('password', 'Key of the password.', { minLength: 1 }),
      urlKey: text('', 'Key of a whole URL, instead of all of this.'),
    }),
  }),

  storage: group('Where the bytes of images are kept.', {
    driver: choice(['s3', 'filesystem'], 'Object storage, or a volume that all pods share.'),
    s3: group('Object storage of your own, or how the bundled one is used.', {
      bucket: text('tintype', 'Bucket. It must exist.', { pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' }),
      endpoint: text('', 'URL of the service. Empty: the bundled one, or that of AWS.', { pattern: '^(https?://.+)?$' }),
      region: setting(known.S3_REGION),
      forcePathStyle: flag(true, 'Name the bucket in the path, as most services but AWS need it.'),
      existingSecret: group('Secret with the keys. The bundled service takes it too, and makes one when there is none.', {
        name: text('', 'Name. Empty, and the service not bundled: the role of the ServiceAccounts counts.'),
        accessKeyIdKey: text('access-key-id', 'Key of the id of the access key.', { minLength: 1 }),
        secretAccessKeyKey: text('secret-access-key', 'Key of the secret access key.', { minLength: 1 }),
      }),
    }),
    filesystem: group('Volume, which must be of the kind that many nodes can write to.', {
      existingClaim: text('', 'Claim. Empty: one is made, and outlives the release.'),
      size: text('50Gi', 'Size of the one that is made.', quantity),
      storageClassName: text('', 'Its StorageClass. Empty: the default one of the cluster.'),
    }),
  }),

  postgresql: group('Bundled PostgreSQL: one pod, for evaluation.', {
    enabled: flag(true, 'Run it.'),
    image: image('postgres', '17', 'Tag.'),
    resources: map<Resources>({ requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } }, 'Requests and limits.'),
    persistence: persistence('8Gi'),
    ...scheduling(),
  }),
  valkey: group('Bundled Valkey: one pod, for evaluation. Only with the queue backend `redis`.', {
    enabled: flag(true, 'Run it.'),
    image: image('valkey/valkey', '8.1', 'Tag.'),
    resources: map<Resources>({ requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } }, 'Requests and limits.'),
    persistence: persistence('1Gi'),
    ...scheduling(),
  }),
  objectStorage: group('Bundled S3 service: one pod, for evaluation. Only with the storage driver `s3`.', {
    enabled: flag(true, 'Run it.'),
    image: image('versity/versitygw', 'v1.8.0', 'Tag.'),
    resources: map<Resources>({ requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '512Mi' } }, 'Requests and limits.'),
    persistence: persistence('20Gi'),
    ...scheduling(),
  }),

  ingress: group('Ingress to the API; never to its metrics or probes.', {
    enabled: flag(false, 'Create it.'),
    className: text('', 'IngressClass. Empty: the default one of the cluster.'),
    annotations: map({}, 'Annotations.', strings),
    hosts: list<string>([], 'Host names.', { type: 'string', minLength: 1 }),
    tls: list<{ hosts: string[]; secretName: string }>([], 'Certificates.', object),
  }),
  httpRoute: group('HTTPRoute of the Gateway API to the API; never to its metrics or probes.', {
    enabled: flag(false, 'Create it.'),
    annotations: map({}, 'Annotations.', strings),
    parentRefs: list<{ name: string }>([], 'The Gateways that serve it.', { ...object, required: ['name'] }),
    hostnames: list<string>([], 'Host names. Empty: those of the Gateway.', { type: 'string', minLength: 1 }),
    timeouts: group('Timeouts of the Gateway, which must know them: Gateway API 1.2 or newer, and not that of Google.', {
      request: text(
        '0s',
        'How long a request may take, upload and answer included. 0s: as long as the API lets it. Empty: as the Gateway has it.',
        { pattern: '^(([0-9]{1,5}(h|m|s|ms)){1,4})?$' },
      ),
    }),
  }),

  networkPolicy: group('NetworkPolicies: who may connect to what.', {
    enabled: flag(true, 'Create them.'),
    apiFrom: list<Peer>([], 'Who may reach the API. Empty: everybody.', object),
    metricsFrom: list<Peer>([{ namespaceSelector: {} }], 'Who may reach the port of the worker, which has its metrics.', object),
    restrictEgress: flag(false, 'Let API and worker reach nothing but DNS, what is bundled, and `egress`.'),
    egress: list<EgressRule>(
      [],
      'What they may reach besides: your database, Redis, object storage and receiver of traces.',
      object,
    ),
  }),

  tracing: group('Traces, beside the settings OTEL_….', {
    headersSecret: group('Secret with headers for their receiver.', {
      name: text('', 'Name. Empty: no headers.'),
      key: text('headers', 'Key of the headers, as `name=value,name=value`.', { minLength: 1 }),
    }),
  }),

  metrics: group('Monitoring.', {
    serviceMonitor: group('ServiceMonitors of the Prometheus Operator, for API and worker.', {
      enabled: flag(false, 'Create them. The cluster must know the kind.'),
      labels: map({ release: 'kube-prometheus-stack' }, 'Labels by which Prometheus finds them.', strings),
      interval: text('', 'Time between two scrapes. Empty: as Prometheus has it.', { pattern: '^([0-9]+(ms|s|m))?$' }),
    }),
    prometheusRule: group('PrometheusRule of the Prometheus Operator: alerts, and what they are computed from.', {
      enabled: flag(false, 'Create it. The cluster must know the kind, and the ServiceMonitors must be there.'),
      labels: map({ release: 'kube-prometheus-stack' }, 'Labels by which Prometheus finds it.', strings),
      runbookUrl: text(publicRunbooks, 'Where docs/runbooks can be read; alerts and dashboards link to its pages.', {
        pattern: '^https?://.+[^/]$',
      }),
      objectives: group('Service level objectives: the shares that should go well, over 30 days.', {
        apiAvailability: share(objectiveOf('api-availability'), 'Requests answered without a server error.'),
        apiLatency: share(objectiveOf('api-latency'), 'Requests answered within half a second, where that is up to the API.'),
        jobSuccess: share(objectiveOf('job-success'), 'Jobs that do not fail through a fault of the service.'),
        jobFreshness: share(objectiveOf('job-freshness'), 'Jobs, but those of the priority bulk, that end within a minute.'),
      }),
    }),
    dashboards: group('Dashboards, each in a ConfigMap that the sidecar of Grafana finds.', {
      enabled: flag(false, 'Create them. Once for each Grafana: a dashboard shows whichever release is chosen there.'),
      labels: map({ grafana_dashboard: '1' }, 'Labels by which the sidecar finds them.', strings),
      annotations: map(
        { grafana_folder: 'Tintype' },
        'Annotations; from this one the sidecar takes the folder where it is told to.',
        strings,
      ),
      namespace: text('', 'Namespace, for a sidecar that looks in its own only. Empty: that of the release.'),
    }),
  }),

  extraObjects: list<object | string>([], 'Further objects, as maps or text; templates work in them.', {
    type: ['object', 'string'],
  }),
});

export const v = references(values);
