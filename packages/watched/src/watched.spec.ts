/**
 * The services under a real Prometheus and a real Alertmanager: in calm nobody is called and every panel shows something; under the most
 * common faults somebody is called in time, and told when they are over. `make watch/faults` does the same with all of them.
 */
import { labelCombinations, metricsOf, type Metric } from '@tintype/metrics';
import { eventually } from '@tintype/testing';
import { calm, type Calm } from './calm.js';
import { dashboardQueries, isOnlyOnClusters } from './coverage.js';
import { quick } from './faults/all.js';
import { type Call, inject } from './faults/inject.js';
import { selectorsOf } from './promql.js';
import { Traffic } from './traffic/traffic.js';
import { WatchedSite } from './watched-site.js';

let watched: WatchedSite;

beforeAll(async () => {
  watched = await WatchedSite.open();
}, 120_000);

afterAll(async () => {
  await watched?.close();
}, 60_000);

describe('in calm', () => {
  const minutes = 1;
  let seen: Calm;

  beforeAll(async () => {
    seen = await calm(watched, minutes);
  }, 180_000);

  test('everybody gets what they want', () => {
    expect(seen.complaints).toEqual([]);
    expect(seen.jobs).toBeGreaterThan(50);
  });

  test('nobody is called', () => {
    expect(seen.fired).toEqual([]);
    expect(watched.inbox.notifications.filter(({ status }) => status === 'firing')).toEqual([]);
  });

  test('every metric of the catalogue is scraped', async () => {
    const missing: string[] = [];
    for (const service of ['api', 'worker'] as const) {
      for (const metric of metricsOf(service)) {
        if (!(await isScraped(metric, service))) missing.push(`${metric.name} of the ${service}`);
      }
    }
    expect(missing).toEqual([]);
  });

  test('every query of every panel has data, but for those that wait for a fault', async () => {
    const traffic = await Traffic.start(watched.site);
    const queries = dashboardQueries(watched.intervalSeconds).filter(
      ({ expr, mayBeEmpty }) => !mayBeEmpty?.filledBy && !isOnlyOnClusters(expr),
    );
    const empty = new Set(queries);
    await eventually(
      async () => {
        for (const query of empty) if (await watched.prometheus.hasData(query.expr)) empty.delete(query);
        return empty.size === 0;
      },
      { timeoutMs: 45_000, everyMs: 1_000 },
    ).catch(() => undefined);
    await traffic.stop();
    expect([...empty].map(({ dashboard, panel, refId, expr }) => `${dashboard}: ${panel} ${refId}: ${expr}`)).toEqual([]);
  }, 90_000);

  test('every rule works, and every recording has a value', async () => {
    const rules = await watched.prometheus.rules();
    expect(rules.filter(({ health }) => health !== 'ok').map(({ name, lastError }) => ({ name, lastError }))).toEqual([]);
    const empty: string[] = [];
    for (const { type, name } of rules) {
      if (type === 'recording' && !(await watched.prometheus.hasData(`last_over_time(${name}[10m])`))) empty.push(name);
    }
    expect(empty).toEqual([]);
  });

  test('every series that an alert reads is there', async () => {
    const alerts = (await watched.prometheus.rules()).filter(
      ({ type, query }) => type === 'alerting' && !isOnlyOnClusters(query),
    );
    const missing: string[] = [];
    for (const { name, query } of alerts) {
      for (const selector of selectorsOf(query)) {
        if (!(await watched.prometheus.hasData(`last_over_time(${withoutOpenLabels(selector)}[10m])`)))
          missing.push(`${name} reads ${selector}`);
      }
    }
    expect(missing).toEqual([]);
  });
});

describe('under faults', () => {
  let traffic: Traffic;
  const resolving: Promise<readonly Call[]>[] = [];

  beforeAll(async () => {
    traffic = await Traffic.start(watched.site);
  });

  afterAll(async () => {
    await traffic?.stop();
  });

  test.each(quick.map((group) => [group.map(({ title }) => title).join('; '), group] as const))(
    '%s: somebody is called',
    async (_, group) => {
      const { alerts, resolved } = await inject(watched, group);
      resolving.push(resolved);
      expect(alerts).toEqual(group.flatMap((scenario) => scenario.alerts.map(({ alert }) => alert)));
    },
    300_000,
  );

  test('all were told that it is over, and called in time', async () => {
    const calls = (await Promise.all(resolving)).flat();
    const told = calls.filter(({ calledAfter }) => calledAfter !== undefined);
    expect(new Set(told.map(({ alert, labels }) => [alert, ...Object.values(labels)].join(' '))).size).toBeGreaterThanOrEqual(12);
    // The machine that runs the tests is busy with them.
    const late = told.filter(({ calledAfter = 0, promised }) => calledAfter > promised + 5);
    expect(late.map(({ alert, calledAfter, promised }) => ({ alert, calledAfter, promised }))).toEqual([]);
  }, 300_000);
});

/** Values of these come into being with the first event of their kind. */
function withoutOpenLabels(selector: string): string {
  return selector.replaceAll(/(status_code|route|metric)[!=~]+"(?:[^"\\]|\\.)*",?/g, '');
}

/** At least once since the start; of a metric that is born at zero, each of its series. */
async function isScraped(metric: Metric, service: 'api' | 'worker'): Promise<boolean> {
  const name = metric.kind === 'histogram' ? `${metric.name}_count` : metric.name;
  const labels = Object.keys(metric.labels);
  const samples = await watched.prometheus.query(
    `count by (${labels.join(', ')}) (last_over_time(${name}{service="tintype-${service}"}[10m]))`,
  );
  const combinations = metric.born === 'at zero' && metric.scope === 'instance' ? labelCombinations(metric) : undefined;
  return combinations ? samples.length === combinations.length : samples.length > 0 || metric.labels['metric'] === 'open';
}
