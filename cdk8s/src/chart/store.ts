/** What the bundled PostgreSQL, Valkey and object storage have in common: one pod with a volume, a Service and generated secrets. */
import type { App } from 'cdk8s';
import type { IStatefulSet } from 'kubernetes-models/apps/v1';
import type { ISecret, IService } from 'kubernetes-models/v1';
import type { IIoK8sApiCoreV1Container as Container } from 'kubernetes-models/v1/Container';
import type { IIoK8sApiCoreV1Probe as Probe } from 'kubernetes-models/v1/Probe';
import type { IIoK8sApiCoreV1Volume as Volume } from 'kubernetes-models/v1/Volume';
import { merge, optional } from '../helm/directives.js';
import { Expression, include } from '../helm/expression.js';
import { Manifest, TemplateFile, type Templated } from '../helm/manifest.js';
import { labelsOf, nameOf, selectorOf } from './names.js';
import { v } from './values.js';

export interface Store {
  readonly component: 'postgresql' | 'valkey' | 'object-storage';
  readonly values: typeof v.postgresql | typeof v.valkey | typeof v.objectStorage;
  /** It is bundled when this holds. */
  readonly condition: Expression<boolean>;
  readonly port: { readonly name: string; readonly containerPort: number };
  /** The port that others use; it is the same unless said. */
  readonly servicePort?: Templated<number>;
  /** The user of the image, also its group. */
  readonly user: number;
  readonly container: Templated<Pick<Container, 'args' | 'env'>> & {
    readonly volumeMounts: Templated<Container['volumeMounts']> & object[];
  };
  readonly probe: Templated<Probe>;
  /** Beside `data`. */
  readonly volumes: Templated<Volume>[];
  /** The Secret that is made when the operator names none, and its keys. */
  readonly secret: { readonly given: Expression<string>; readonly keys: readonly Expression<string>[] };
}

export function store(app: App, options: Store): void {
  statefulSet(app, options);
  service(app, options);
  secret(app, options);
}

function statefulSet(app: App, { component, values, condition, port, user, container, probe, volumes }: Store): void {
  new Manifest<IStatefulSet>(
    new TemplateFile(app, `${component}/statefulset.yaml`),
    'statefulset',
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: nameOf(component), labels: labelsOf(component) },
      spec: {
        replicas: 1,
        serviceName: nameOf(component),
        selector: { matchLabels: selectorOf(component) },
        template: {
          metadata: {
            labels: { ...selectorOf(component), ...merge(values.podLabels) },
            ...optional('annotations', values.podAnnotations),
          },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            ...optional('imagePullSecrets', v.imagePullSecrets),
            ...optional('priorityClassName', values.priorityClassName),
            terminationGracePeriodSeconds: 60,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: user,
              runAsGroup: user,
              fsGroup: user,
              fsGroupChangePolicy: 'OnRootMismatch',
              seccompProfile: { type: 'RuntimeDefault' },
            },
            containers: [
              {
                name: component,
                image: include('tintype.image', { image: values.image.all }),
                imagePullPolicy: values.image.pullPolicy,
                ...container,
                ports: [port],
                startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 90 },
                livenessProbe: { ...probe, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
                readinessProbe: { ...probe, periodSeconds: 5, timeoutSeconds: 3 },
                resources: values.resources,
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
            volumes: [{ name: 'tmp', emptyDir: {} }, ...volumes],
            ...optional('nodeSelector', values.nodeSelector),
            ...optional('tolerations', values.tolerations),
            ...optional('affinity', values.affinity),
          },
        },
        volumeClaimTemplates: [
          {
            // Kubernetes adds both, and whoever compares would otherwise find a difference for ever.
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: { name: 'data' },
            spec: {
              accessModes: ['ReadWriteOnce'],
              ...optional('storageClassName', values.persistence.storageClassName),
              resources: { requests: { storage: values.persistence.size } },
            },
          },
        ],
      },
    },
    condition,
  );
}

function service(app: App, { component, condition, port, servicePort = port.containerPort }: Store): void {
  new Manifest<IService>(
    new TemplateFile(app, `${component}/service.yaml`),
    'service',
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: nameOf(component), labels: labelsOf(component) },
      spec: { ports: [{ name: port.name, port: servicePort, targetPort: port.name }], selector: selectorOf(component) },
    },
    condition,
  );
}

function secret(app: App, { component, condition, secret: { given, keys } }: Store): void {
  new Manifest<ISecret>(
    new TemplateFile(app, `${component}/secret.yaml`),
    'secret',
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: nameOf(component),
        labels: labelsOf(component),
        // As the volume, which knows the password, outlives the release too.
        annotations: { 'helm.sh/resource-policy': 'keep' },
      },
      data: Object.fromEntries(keys.map((key) => [`${key}`, kept(component, key)])),
    },
    condition.and(given.not()),
  );
}

function kept(component: Store['component'], key: Expression<string>): Expression<string> {
  const name = new Expression<string>('name', (root) => `printf "%s-${component}" ${include('tintype.fullname').argument(root)}`);
  return include('tintype.keptOrRandom', { name, key });
}

/** The environment variable of a bundled service that comes from its Secret. */
export function fromSecret(name: string, secretName: Expression<string>, key: Expression<string>) {
  return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
}
