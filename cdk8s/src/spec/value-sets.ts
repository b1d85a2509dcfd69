/** Ways in which the chart is installed; every test of the whole chart goes through all of them. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { documentedValues } from './documented-values.js';

const externalServices = {
  postgresql: { enabled: false },
  database: { host: 'postgres.example.com', ssl: 'verify-full', existingSecret: { name: 'database', passwordKey: 'pw' } },
  valkey: { enabled: false },
  redis: { host: 'redis.example.com', user: 'tintype', tls: true, existingSecret: { name: 'redis' } },
  objectStorage: { enabled: false },
  storage: { s3: { bucket: 'pictures', region: 'eu-central-1', forcePathStyle: false, existingSecret: { name: 's3' } } },
};

const urls = {
  postgresql: { enabled: false },
  database: { existingSecret: { name: 'pg-app', urlKey: 'uri' } },
  valkey: { enabled: false },
  redis: { existingSecret: { name: 'redis', urlKey: 'url' } },
};

const withoutRedis = {
  queue: { backend: 'postgres' },
  storage: { driver: 'filesystem', filesystem: { storageClassName: 'nfs' } },
};

const scheduled = {
  podAnnotations: { team: 'pictures' },
  podLabels: { team: 'pictures' },
  priorityClassName: 'high',
  nodeSelector: { 'kubernetes.io/arch': 'arm64' },
  tolerations: [{ key: 'spot', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
};

const service = {
  ...scheduled,
  image: { registry: 'registry.example.com', digest: `sha256:${'a'.repeat(64)}`, pullPolicy: 'Always' },
  autoscaling: { enabled: true },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { a: 'b' } } },
  ],
  extraEnv: [
    { name: 'NODE_EXTRA_CA_CERTS', value: '/ca/ca.crt' },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 'token' } } },
  ],
  extraVolumes: [{ name: 'ca', configMap: { name: 'ca' } }],
  extraVolumeMounts: [{ name: 'ca', mountPath: '/ca' }],
  serviceAccount: { annotations: { role: 'pictures' } },
};

const everything = {
  global: { imageRegistry: 'mirror.example.com:5000' },
  imagePullSecrets: [{ name: 'registry' }],
  settings: { LOG_LEVEL: 'debug', LOG_FORMAT: 'json', UPLOAD_MAX_BYTES: 104_857_600 },
  api: {
    ...service,
    settings: { MAX_WAIT_SECONDS: 30, PRESETS_DIR: '/presets' },
    service: { type: 'LoadBalancer', port: 8000, annotations: { a: 'b' } },
  },
  worker: { ...service, settings: { WORKER_CONCURRENCY: 4, JOB_TIMEOUT_SECONDS: 120 }, drainSeconds: 125 },
  postgresql: { ...scheduled, persistence: { size: '1Gi', storageClassName: 'fast' } },
  valkey: scheduled,
  objectStorage: scheduled,
  ingress: {
    enabled: true,
    className: 'traefik',
    annotations: { 'cert-manager.io/cluster-issuer': 'le' },
    hosts: ['a.example.com', 'b.example.com'],
    tls: [{ hosts: ['a.example.com'], secretName: 'a-tls' }],
  },
  httpRoute: { enabled: true, parentRefs: [{ name: 'gateway', namespace: 'edge' }], hostnames: ['a.example.com'] },
  networkPolicy: {
    apiFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'edge' } } }],
    restrictEgress: true,
    egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 5432 }] }],
  },
  metrics: {
    serviceMonitor: { enabled: true, interval: '15s' },
    prometheusRule: { enabled: true },
    dashboards: { enabled: true, namespace: 'monitoring' },
  },
  tracing: { headersSecret: { name: 'otlp' } },
  extraObjects: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ include "tintype.fullname" . }}-extra' } },
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: text-{{ .Release.Name }}\n',
  ],
};

const onKind = parse(readFileSync(new URL('../../../packages/kind/values/tintype.yaml', import.meta.url), 'utf8')) as object;

export const valueSets: readonly (readonly [about: string, values: object])[] = [
  ['the defaults', {}],
  ['services of the operator', externalServices],
  ['URLs from secrets', urls],
  ['neither Redis nor S3', withoutRedis],
  ['everything switched on', everything],
  ['what `make up` sets', onKind],
  [
    'a role for S3',
    {
      objectStorage: { enabled: false },
      storage: { s3: { bucket: 'pictures' } },
      worker: { serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/pictures' } } },
    },
  ],
  ['names of its own', { fullnameOverride: 'pictures', nameOverride: 'images' }],
  [
    'as little as possible',
    { networkPolicy: { enabled: false }, migration: { enabled: false }, api: { serviceAccount: { create: false } } },
  ],
  ...documentedValues,
];
