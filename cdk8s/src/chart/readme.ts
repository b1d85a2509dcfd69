/** README.md of the chart. */
import { valuesTable } from '../helm/values-files.js';
import { values } from './values.js';

export function readme(origin: string): string {
  return `<!-- ${origin} -->
# Tintype on Kubernetes

    helm install tintype ./charts/tintype

installs the API and the worker, and beside them PostgreSQL, Valkey and an S3 service for evaluation: one pod each, with a volume.
\`helm test tintype\` sends a picture through it. It needs Kubernetes 1.30 or newer and Helm 4.

## With services of your own

    kubectl create secret generic tintype-postgresql --from-literal=password=…
    kubectl create secret generic tintype-redis --from-literal=password=…
    kubectl create secret generic tintype-s3 --from-literal=access-key-id=… --from-literal=secret-access-key=…

\`\`\`yaml
postgresql: { enabled: false }
database: { host: postgres.example.com, ssl: verify-full, existingSecret: { name: tintype-postgresql } }
valkey: { enabled: false }
redis: { host: redis.example.com, tls: true, existingSecret: { name: tintype-redis } }
objectStorage: { enabled: false }
storage: { s3: { bucket: pictures, region: eu-central-1, forcePathStyle: false, existingSecret: { name: tintype-s3 } } }
\`\`\`

A Secret with a whole URL serves as well, as operators for PostgreSQL make them: \`database.existingSecret.urlKey: uri\`.
With \`queue.backend: postgres\` there is no need for Redis. docs/install.md of Tintype is a checklist for production.

## What to know
- Passwords of what is bundled are made at the first install and kept over upgrades. Where templates are rendered without the
  cluster (Argo CD, \`helm template\`), they would be made anew each time: name your own with \`existingSecret\` there.
- Volumes and their Secrets outlive \`helm uninstall\`.
- All pods satisfy the Pod Security Standard \`restricted\`. Secrets are mounted as files.
- \`/metrics\` is on the port of the API, and neither Ingress nor HTTPRoute leads there. For Prometheus and Grafana:
  \`metrics.serviceMonitor.enabled\`, \`metrics.prometheusRule.enabled\` and \`metrics.dashboards.enabled\`, whose \`labels\` are those that
  kube-prometheus-stack looks for under its usual name. docs/monitoring.md of Tintype tells what the alerts mean.
- A stopping worker finishes its jobs (\`worker.drainSeconds\`); what is left is taken over by others.
- A misspelt value is refused.

## Values

${valuesTable(values)}
`;
}
