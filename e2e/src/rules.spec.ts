/** Prometheus has taken the rules that the chart brings, and finds in the cluster what they read. */
import { recordingsThatMayBeEmpty } from '@tintype/monitoring';
import { eventually } from '@tintype/testing';
import { get, namespace } from './cluster.js';
import { isDescribed, type Rule, ruleGroups, selectorsOf, withoutData } from './prometheus.js';
import { makeTraffic } from './traffic.js';

interface DeclaredGroup {
  readonly name: string;
  readonly rules: readonly { readonly record?: string; readonly alert?: string }[];
}

/** Of which there are series only after what they tell of has happened: it is enough that their exporter has them. */
const withTheirCause = ['kube_pod_container_status_last_terminated_reason'];

let declared: readonly DeclaredGroup[];
let loaded: readonly Rule[];

beforeAll(async () => {
  const { items } = await get<{ items: { spec: { groups: DeclaredGroup[] } }[] }>('prometheusrules', '-n', namespace);
  declared = items.flatMap(({ spec }) => spec.groups);
  await makeTraffic();
});

test('all of them are loaded, and none fails', async () => {
  const names = declared.flatMap(({ rules }) => rules.map(({ record, alert }) => record ?? alert)).sort();
  expect(names.length).toBeGreaterThan(10);

  await eventually(
    async () => {
      const groups = (await ruleGroups()).filter(({ name, file }) => file.includes(`/${namespace}-`) && isDeclared(name));
      loaded = groups.flatMap(({ rules }) => rules);
      expect(loaded.map(({ name }) => name).sort()).toEqual(names);
      expect(
        loaded.filter(({ health }) => health !== 'ok').map(({ name, health, lastError }) => ({ name, health, lastError })),
      ).toEqual([]);
      return true;
    },
    { timeoutMs: 90_000, everyMs: 2_000 },
  );
}, 120_000);

test('every recording rule has a value', async () => {
  const mayBeEmpty = recordingsThatMayBeEmpty();
  const records = loaded
    .filter(({ type, name }) => type === 'recording' && !(name in mayBeEmpty))
    .map(({ name, labels = {} }) => ({ expr: `${name}{namespace="${namespace}",slo="${labels['slo'] ?? ''}"}` }));
  expect(records).not.toEqual([]);
  expect(await withoutData(records)).toEqual([]);
});

// That they fire when they should is tested with promtool; here, that they read what is there.
test('every series that an alert reads is there', async () => {
  const alerts = loaded.filter(({ type }) => type === 'alerting');
  expect(alerts).not.toEqual([]);
  let selectors: { readonly what: string; readonly expr: string }[] = [];
  for (const { name, query } of alerts) {
    for (const selector of await selectorsOf(query))
      selectors.push({ what: `${name} reads ${selector}`, expr: `last_over_time(${selector}[1h])` });
  }
  for (const metric of withTheirCause) {
    expect([metric, await isDescribed(metric)]).toEqual([metric, true]);
    selectors = selectors.filter(({ expr }) => !expr.includes(`"${metric}"`));
  }
  await eventually(
    async () => {
      // A rate takes two scrapes, and what rules make of it a round of theirs.
      await makeTraffic();
      selectors = await withoutData(selectors);
      expect(selectors.map(({ what }) => what)).toEqual([]);
      return true;
    },
    { timeoutMs: 150_000, everyMs: 5_000 },
  );
}, 240_000);

function isDeclared(group: string): boolean {
  return declared.some(({ name }) => name === group);
}
