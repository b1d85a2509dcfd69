/** The whole chart, as Helm renders it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiSettings, describeApiOffline } from '@tintype/api';
import { probeRoutes } from '@tintype/metrics';
import { dashboardFiles, jobs, publicRunbooks, ruleGroups, unhurriedRoutes } from '@tintype/monitoring';
import { describeSettings, loadSettings, processSettings, type SettingsShape } from '@tintype/platform';
import { workerSettings } from '@tintype/worker';
import { containersOf, podsOf, type PodTemplate } from '../spec/pods.js';
import { type KubernetesObject, RenderedChart } from '../spec/rendered-chart.js';
import { schemaFaults } from '../spec/schema-faults.js';
import { valueSets } from '../spec/value-sets.js';
import { tintypeChart } from './tintype-chart.js';

const files = tintypeChart();
const chart = new RenderedChart(files);
afterAll(() => chart.remove());

test('is the same whenever it is made', () => {
  expect(tintypeChart()).toEqual(files);
});

describe.each(valueSets)('with %s', (_about, values) => {
  let objects: KubernetesObject[];
  beforeAll(() => {
    objects = chart.render(values);
  });

  test('passes helm lint --strict', () => {
    expect(chart.lint(values)).toMatchObject({ status: 0, stdout: expect.stringContaining('0 chart(s) failed') as string });
  });

  test('renders objects that Kubernetes accepts', () => {
    expect(objects.flatMap(schemaFaults)).toEqual([]);
  });

  test('gives every object a name of its own, of at most 63 characters', () => {
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { metadata } of objects) expect(metadata.name.length).toBeLessThanOrEqual(63);
  });

  test('makes pods that the Pod Security Standard `restricted` admits, without a token', () => {
    for (const pod of podsOf(objects)) {
      expect(pod.spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: expect.any(Number) as number,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      });
      expect(pod.spec).not.toHaveProperty('hostNetwork');
      for (const container of containersOf(pod)) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
      for (const volume of pod.spec.volumes ?? []) expect(volume).not.toHaveProperty('hostPath');
    }
  });

  test('gives every container requests, a memory limit and an image of a fixed version', () => {
    for (const container of podsOf(objects).flatMap(containersOf)) {
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.any(String) as string, memory: expect.any(String) as string },
        limits: { memory: expect.any(String) as string },
      });
      expect(container.image).toMatch(/^[\w./:-]+(:[\w.-]+|@sha256:[a-f0-9]{64})$/);
      expect(container.image).not.toMatch(/:latest$/);
    }
  });

  test('never names an environment variable twice', () => {
    for (const pod of podsOf(objects)) {
      for (const { env = [] } of containersOf(pod)) {
        const names = env.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
      }
    }
  });

  test('mounts what is there, where nothing else is', () => {
    for (const pod of podsOf(objects)) {
      const claims = objects.filter(({ kind }) => kind === 'StatefulSet').length > 0 ? ['data'] : [];
      const volumes = (pod.spec.volumes ?? []).map(({ name }) => name).concat(claims);
      for (const { volumeMounts = [] } of containersOf(pod)) {
        expect(volumes).toEqual(expect.arrayContaining(volumeMounts.map(({ name }) => name)));
        const paths = volumeMounts.map(({ mountPath }) => mountPath);
        expect(new Set(paths).size).toBe(paths.length);
      }
    }
  });

  test('selects pods that there are', () => {
    const pods = podsOf(objects);
    const selectors = objects.flatMap(({ kind, spec, metadata }) =>
      selectorOf(kind, spec).map((labels) => ({ kind, metadata, labels })),
    );
    for (const { labels } of selectors) {
      const selected = pods.filter((pod) => Object.entries(labels).every(([key, value]) => pod.labels[key] === value));
      expect(selected).toHaveLength(1);
    }
  });

  test('tells the services only what they know, in the form that they want', () => {
    for (const [component, settings] of [
      ['api', { ...processSettings, ...apiSettings }],
      ['worker', { ...processSettings, ...workerSettings }],
    ] as const) {
      const variables = dataOf(objects, component);
      const shape: SettingsShape = settings;
      const secrets = describeSettings(shape).filter(({ secret }) => secret);
      const names = new Set([...Object.keys(shape), ...secrets.map(({ name }) => `${name}_FILE`)]);
      expect(Object.keys(variables).filter((name) => !names.has(name))).toEqual([]);
      expect(() => load(shape, variables)).not.toThrow();
    }
  });

  test('mounts every secret that the services look for', () => {
    for (const pod of podsOf(objects).filter(({ labels }) =>
      ['api', 'worker'].includes(labels['app.kubernetes.io/component'] ?? ''),
    )) {
      const wanted = Object.entries(dataOf(objects, pod.labels['app.kubernetes.io/component'] ?? ''))
        .filter(([name]) => name.endsWith('_FILE'))
        .map(([, path]) => path);
      const mounted = (pod.spec.volumes ?? [])
        .flatMap(({ projected }) => projected?.sources ?? [])
        .flatMap(({ secret }) => (secret?.items ?? []).map(({ path }) => `/run/secrets/tintype/${path}`));
      expect(mounted.toSorted()).toEqual(wanted.toSorted());
    }
  });

  test('lets nobody reach metrics and probes from outside', () => {
    const routes = objects.flatMap(routesOf);
    expect(privatePaths.filter((path) => routes.some((route) => leadsTo(route, path)))).toEqual([]);
  });
});

describe('by default', () => {
  const objects = chart.render();

  test('is what it was', () => {
    // What is random is no part of it.
    expect(chart.renderText().replaceAll(/: [A-Za-z0-9+/]{43}=$/gm, ': …')).toMatchSnapshot();
  });

  test('gives a pod longer to stop than its service takes at most', () => {
    for (const component of ['api', 'worker'] as const) {
      const { terminationGracePeriodSeconds = 0, containers } = podOf(objects, component).spec;
      const pause = containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0;
      const { SHUTDOWN_TIMEOUT_SECONDS: timeout } = loadSettings(processSettings, dataOf(objects, component));
      expect(terminationGracePeriodSeconds).toBeGreaterThan(pause + timeout);
    }
    const { DRAIN_SECONDS: drain, JOB_TIMEOUT_SECONDS: deadline } = dataOf(objects, 'worker');
    expect(Number(drain)).toBeGreaterThan(Number(deadline));
  });

  test('replaces pods of the API without a moment without one', () => {
    const deployment = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-api'));
    expect(deployment?.spec).toMatchObject({ strategy: { rollingUpdate: { maxUnavailable: 0 } }, replicas: 2 });
  });

  test('rolls the pods of a service when its configuration changes, and not otherwise', () => {
    const digest = (values: object, component: string) =>
      podOf(chart.render(values), component).annotations['checksum/configuration'];
    const changed = { api: { settings: { MAX_WAIT_SECONDS: 30 } } };
    expect(digest(changed, 'api')).not.toBe(digest({}, 'api'));
    expect(digest(changed, 'worker')).toBe(digest({}, 'worker'));
    expect(digest({ api: { podAnnotations: { a: 'b' }, replicas: 5 } }, 'api')).toBe(digest({}, 'api'));
  });

  test('replaces no pod because the chart has another version', () => {
    const metadata = files['Chart.yaml']?.replace(/^version: .*$/m, 'version: 99.0.0') ?? '';
    const next = new RenderedChart({ ...files, 'Chart.yaml': metadata });
    try {
      const kept = (pods: PodTemplate[]) => pods.filter(({ owner }) => /^(Deployment|StatefulSet)/.test(owner));
      expect(kept(podsOf(next.render()))).toEqual(kept(podsOf(objects)));
    } finally {
      next.remove();
    }
  });

  test('migrates before a service starts; with a database of the operator, before the release does', () => {
    expect(podOf(objects, 'worker').spec.initContainers?.map(({ name }) => name)).toEqual(['wait-for-postgresql', 'migrate']);
    const external = chart.render(valueSets[1]?.[1]);
    expect(podOf(external, 'worker').spec.initContainers).toBeUndefined();
    expect(external.find(({ kind }) => kind === 'Job')?.metadata.annotations).toMatchObject({
      'helm.sh/hook': 'pre-install,pre-upgrade',
    });
  });
});

test.each([
  ['Ingress', { ingress: { enabled: true, hosts: ['a.example.com'] } }],
  ['HTTPRoute', { httpRoute: { enabled: true, parentRefs: [{ name: 'gateway' }] } }],
])('an %s leads to every path of the API but metrics and probes', async (_kind, values) => {
  const routes = chart.render(values).flatMap(routesOf);
  const paths = Object.keys((await describeApiOffline()).paths);
  expect(paths.filter((path) => !routes.some((route) => leadsTo(route, path))).toSorted()).toEqual(privatePaths);
});

test.each([
  ['lifts the timeout of its Gateway', {}, { request: '0s' }],
  ['sets another timeout', { timeouts: { request: '3m30s' } }, { request: '3m30s' }],
  ['leaves the timeout to its Gateway', { timeouts: { request: '' } }, undefined],
])('an HTTPRoute %s', (_about, httpRoute, timeouts) => {
  const objects = chart.render({ httpRoute: { enabled: true, parentRefs: [{ name: 'gateway' }], ...httpRoute } });
  const routes = objects.filter(({ kind }) => kind === 'HTTPRoute').map(({ spec }) => spec as { rules: { timeouts?: object }[] });
  expect(routes.flatMap(({ rules }) => rules.map((rule) => rule.timeouts))).toEqual([timeouts]);
});

describe('monitoring', () => {
  const kinds = ['ServiceMonitor', 'PrometheusRule', 'ConfigMap'];
  const of = (metrics: object) =>
    chart
      .render({ metrics })
      .filter(
        ({ kind, metadata }) =>
          kind === 'ServiceMonitor' || (kinds.includes(kind) && /-(monitoring|dashboard-\w+)$/.test(metadata.name)),
      );

  test('is there where it is switched on, and nowhere else', () => {
    expect(of({})).toEqual([]);
    expect(of({ serviceMonitor: { enabled: true } }).map(({ kind }) => kind)).toEqual(['ServiceMonitor', 'ServiceMonitor']);
    expect(of({ prometheusRule: { enabled: true } }).map(({ kind }) => kind)).toEqual(['PrometheusRule']);
    expect(new Set(of({ dashboards: { enabled: true } }).map(({ kind }) => kind))).toEqual(new Set(['ConfigMap']));
  });

  test('carries the labels by which kube-prometheus-stack finds it, or others', () => {
    const found = { release: 'kube-prometheus-stack' };
    for (const group of ['serviceMonitor', 'prometheusRule']) {
      for (const { metadata } of of({ [group]: { enabled: true } })) expect(metadata.labels).toMatchObject(found);
      for (const { metadata } of of({ [group]: { enabled: true, labels: { release: 'kps' } } }))
        expect(metadata.labels).toMatchObject({ release: 'kps' });
    }
    const dashboards = { enabled: true, labels: { shown: 'here' }, annotations: { folder: 'Images' }, namespace: 'grafana' };
    for (const { metadata } of of({ dashboards: { enabled: true } }))
      expect(metadata).toMatchObject({ labels: { grafana_dashboard: '1' }, annotations: { grafana_folder: 'Tintype' } });
    for (const { metadata } of of({ dashboards }))
      expect(metadata).toMatchObject({ namespace: 'grafana', labels: { shown: 'here' }, annotations: { folder: 'Images' } });
  });

  test('gives targets the label job that dashboards look for, whatever the release is called', () => {
    const objects = chart.render({ fullnameOverride: 'pictures', metrics: { serviceMonitor: { enabled: true } } });
    for (const component of ['api', 'worker'] as const) {
      const monitor = objects.find(
        ({ kind, metadata }) => kind === 'ServiceMonitor' && metadata.name === `pictures-${component}`,
      );
      expect(monitor?.spec).toMatchObject({
        endpoints: [{ relabelings: [{ targetLabel: 'job', replacement: jobs[component] }] }],
      });
    }
  });

  test('has the rules of its release', () => {
    const [rule] = of({ prometheusRule: { enabled: true } });
    expect(rule?.spec).toEqual({ groups: ruleGroups({ namespace: 'pictures', fullname: 'demo-tintype' }) });
  });

  test('has runbooks elsewhere and other objectives where the operator says so', () => {
    const runbookUrl = 'https://wiki.example.org/runbooks';
    const [rule] = of({
      prometheusRule: { enabled: true, runbookUrl, objectives: { apiAvailability: 0.9995, jobFreshness: 0.9 } },
    });
    const options = { runbooks: runbookUrl, objectives: { 'api-availability': 0.9995, 'job-freshness': 0.9 } };
    expect(rule?.spec).toEqual({ groups: ruleGroups({ namespace: 'pictures', fullname: 'demo-tintype' }, options) });
    expect(() => of({ prometheusRule: { enabled: true, objectives: { jobSuccess: 99.9 } } })).toThrow(/jobSuccess/);
    const maps = of({ dashboards: { enabled: true }, prometheusRule: { runbookUrl } });
    const links = Object.values(dashboardFiles()).map((json) => json.replaceAll(publicRunbooks, runbookUrl));
    expect(maps.flatMap(({ data }) => Object.values(data as object))).toEqual(links);
  });

  test('has the dashboards as they are, each in a ConfigMap that is small enough for kubectl apply', () => {
    const maps = of({ dashboards: { enabled: true } });
    expect(Object.assign({}, ...maps.map(({ data }) => data as object))).toEqual(dashboardFiles());
    const names = Object.keys(dashboardFiles()).map(
      (file) => `demo-${file.replace(/^(tintype)-(.+)\.json$/, '$1-dashboard-$2')}`,
    );
    expect(maps.map(({ metadata }) => metadata.name)).toEqual(names);
    for (const map of maps) expect(Buffer.byteLength(JSON.stringify(map))).toBeLessThan(256 * 1024);
  });

  test('names Services, containers and routes that there are', async () => {
    const objects = chart.render();
    for (const component of ['api', 'worker']) {
      expect(objects).toContainEqual(
        expect.objectContaining({
          kind: 'Service',
          metadata: expect.objectContaining({ name: `demo-tintype-${component}` }) as object,
        }),
      );
      expect(podOf(objects, component).spec.containers.map(({ name }) => name)).toEqual([component]);
    }
    const paths = Object.keys((await describeApiOffline()).paths).map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1'));
    expect(paths).toEqual(expect.arrayContaining([...unhurriedRoutes]));
    expect([...probeRoutes].toSorted()).toEqual(privatePaths);
  });
});

test('prints whole numbers as such, however large', () => {
  const limit = 104_857_600;
  expect(dataOf(chart.render({ settings: { UPLOAD_MAX_BYTES: limit } }), 'api')['UPLOAD_MAX_BYTES']).toBe(String(limit));
});

test('takes images from a registry, by tag or digest', () => {
  const image = (api: object, global: object = {}) =>
    podOf(chart.render({ api: { image: api }, global }), 'api').spec.containers[0]?.image;
  expect(image({ tag: '1.2.3' })).toBe('tintype/api:1.2.3');
  expect(image({ registry: 'a.example.com' })).toMatch(/^a\.example\.com\/tintype\/api:\d+\.\d+\.\d+$/);
  expect(image({ digest: `sha256:${'b'.repeat(64)}` }, { imageRegistry: 'b.example.com' })).toBe(
    `b.example.com/tintype/api@sha256:${'b'.repeat(64)}`,
  );
});

describe('refuses', () => {
  test.each([
    ['a misspelt value', { api: { replica: 3 } }, "additional properties 'replica' not allowed"],
    ['a text for a number', { api: { replicas: 'two' } }, 'got string, want integer'],
    ['a negative number', { worker: { replicas: -1 } }, 'minimum: got -1, want 0'],
    ['a log level that there is not', { settings: { LOG_LEVEL: 'loud' } }, "value must be one of 'fatal', 'error', 'warn'"],
    ['a setting below the limit of the service', { settings: { UPLOAD_MAX_BYTES: 1 } }, 'minimum: got 1, want 1,024'],
    ['a setting of the other service', { worker: { settings: { MAX_WAIT_SECONDS: 1 } } }, "'MAX_WAIT_SECONDS' not allowed"],
    ['a broken digest', { api: { image: { digest: 'sha256:zz' } } }, 'does not match pattern'],
    ['the tag latest', { api: { image: { tag: 'latest' } } }, '/api/image/tag'],
    ['no database', { postgresql: { enabled: false } }, 'set database.host, or database.existingSecret.urlKey'],
    [
      'a database without a password',
      { postgresql: { enabled: false }, database: { host: 'db' } },
      'set database.existingSecret.name to the Secret with the password',
    ],
    ['two databases', { database: { host: 'db' } }, 'postgresql.enabled is true, so database.host'],
    ['no Redis', { valkey: { enabled: false } }, 'set redis.host or redis.existingSecret.urlKey, or queue.backend to postgres'],
    ['two of Redis', { redis: { host: 'redis' } }, 'valkey.enabled is true, so redis.host'],
    ['two object storages', { storage: { s3: { endpoint: 'https://s3.example.com' } } }, 'so storage.s3.endpoint must be empty'],
    ['an Ingress without a host', { ingress: { enabled: true } }, 'set ingress.hosts'],
    ['a timeout without a unit', { httpRoute: { timeouts: { request: '180' } } }, 'does not match pattern'],
    ['a route without a Gateway', { httpRoute: { enabled: true } }, 'set httpRoute.parentRefs'],
  ])('%s', (_about, values, message) => {
    expect(chart.refusal(values)).toContain(message);
  });
});

function dataOf(objects: readonly KubernetesObject[], component: string): Readonly<Record<string, string>> {
  const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.endsWith(`-${component}`));
  return map?.data ?? {};
}

function podOf(objects: readonly KubernetesObject[], component: string) {
  const pod = podsOf(objects).find(({ labels }) => labels['app.kubernetes.io/component'] === component);
  if (!pod) throw new Error(`There is no pod of ${component}`);
  return pod;
}

/** As the service does, where every secret lies in its file. */
function load(shape: SettingsShape, variables: Readonly<Record<string, string>>): void {
  const directory = mkdtempSync(join(tmpdir(), 'tintype-secrets-'));
  try {
    const env = Object.entries(variables).map(([name, value]) => {
      if (!name.endsWith('_FILE')) return [name, value] as const;
      const path = join(directory, name);
      writeFileSync(path, { DATABASE_URL_FILE: 'postgres://a:b@c/d', REDIS_URL_FILE: 'redis://a' }[name] ?? 'secret');
      return [name, path] as const;
    });
    loadSettings(shape, Object.fromEntries(env));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

type Labels = Readonly<Record<string, string>>;

/** The labels by which an object selects pods. */
function selectorOf(kind: string, spec: unknown): Labels[] {
  switch (kind) {
    case 'Service':
      return [(spec as { selector: Labels }).selector];
    case 'Deployment':
    case 'StatefulSet':
    case 'PodDisruptionBudget':
      return [(spec as { selector: { matchLabels: Labels } }).selector.matchLabels];
    case 'NetworkPolicy':
      return [(spec as { podSelector: { matchLabels: Labels } }).podSelector.matchLabels];
    default:
      return [];
  }
}

const privatePaths = ['/livez', '/metrics', '/readyz', '/startupz'];

interface Route {
  readonly path: string;
  readonly exact: boolean;
}

function leadsTo({ path, exact }: Route, to: string): boolean {
  return exact ? to === path : `${to}/`.startsWith(path.endsWith('/') ? path : `${path}/`);
}

function routesOf({ kind, spec }: KubernetesObject): Route[] {
  if (kind === 'Ingress') {
    const { rules } = spec as { rules: { http: { paths: { path: string; pathType: string }[] } }[] };
    return rules.flatMap(({ http }) => http.paths.map(({ path, pathType }) => ({ path, exact: pathType === 'Exact' })));
  }
  if (kind !== 'HTTPRoute') return [];
  const { rules } = spec as { rules: { matches: { path: { type: string; value: string } }[] }[] };
  return rules.flatMap(({ matches }) => matches.map(({ path }) => ({ path: path.value, exact: path.type === 'Exact' })));
}
