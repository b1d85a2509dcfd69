/** Prometheus has taken the rules that the chart brings, and finds in the cluster what they read. */
import { recordingsThatMayBeEmpty } from '@tintype/monitoring';
import { eventually } from '@tintype/testing';
import { get, namespace } from './cluster.js';
import { query, type Rule, ruleGroups, selectorsOf } from './prometheus.js';
import { makeTraffic } from './traffic.js';

interface DeclaredGroup {
  readonly name: string;
  readonly rules: readonly { readonly record?: string; readonly alert?: string }[];
}

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
  const records = loaded.filter(({ type }) => type === 'recording').map(({ name }) => name);
  expect(records).not.toEqual([]);
  for (const record of records) {
    const samples = await query(`${record}{namespace="${namespace}"}`);
    if (samples.length === 0) expect(mayBeEmpty).toHaveProperty([record]);
  }
});

// That they fire when they should is tested with promtool; here, that they read what is there.
test('every series that an alert reads is there', async () => {
  const alerts = loaded.filter(({ type }) => type === 'alerting');
  expect(alerts).not.toEqual([]);
  const missing: string[] = [];
  for (const alert of alerts) {
    for (const selector of await selectorsOf(alert.query)) {
      if ((await query(`last_over_time(${selector}[1h])`)).length === 0) missing.push(`${alert.name} reads ${selector}`);
    }
  }
  expect(missing).toEqual([]);
});

function isDeclared(group: string): boolean {
  return declared.some(({ name }) => name === group);
}
