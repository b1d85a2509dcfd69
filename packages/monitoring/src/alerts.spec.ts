/** Every alert on series by which it must fire, and on series that come close and by which it must not. */
import { ruleDeclarations } from './alerts.js';
import { dashboardFiles } from './dashboards.js';
import { type AlertingRule, inhibitions, recordingsThatMayBeEmpty, type RuleGroup, ruleGroups } from './index.js';
import { checkRules, testRules } from './spec/promtool.js';
import { release, type Scenario } from './spec/scenario.js';
import { apiScenarios } from './spec/scenarios/api.js';
import { dependenciesScenarios } from './spec/scenarios/dependencies.js';
import { podsScenarios } from './spec/scenarios/pods.js';
import { queueScenarios } from './spec/scenarios/queue.js';
import { sloScenarios, withBoundsOfPrometheus3 } from './spec/scenarios/slo.js';
import { upkeepScenarios } from './spec/scenarios/upkeep.js';
import { webhooksScenarios } from './spec/scenarios/webhooks.js';
import { workerScenarios } from './spec/scenarios/worker.js';

const groups = ruleGroups(release);
const declarations = ruleDeclarations.flatMap(({ alerts }) => alerts);
const rules = new Map(
  groups.flatMap((group) => group.rules.flatMap((rule) => ('alert' in rule ? [[rule.alert, rule] as const] : []))),
);

const scenarios = [
  ...sloScenarios,
  ...withBoundsOfPrometheus3,
  ...apiScenarios,
  ...queueScenarios,
  ...workerScenarios,
  ...upkeepScenarios,
  ...dependenciesScenarios,
  ...webhooksScenarios,
  ...podsScenarios,
];

test('are rules that Prometheus takes without complaint', () => {
  expect(checkRules(groups)).toBe('');
});

test.each([...rules.values()])('$alert fires when it must, and only then', (rule) => {
  const tests = scenarios
    .filter(({ alert }) => alert === rule.alert)
    .map(({ about, series, at, fires }) => ({
      name: `${fires ? 'fires' : 'is quiet'} when ${about}`,
      series,
      at,
      alertname: rule.alert,
      expected: fires ? [expectedOf(rule, fires)] : [],
    }));
  expect(testRules(rulesOf(rule), tests)).toBe('');
});

test.each([...rules.keys()])('%s has a test of either kind', (alert) => {
  const kinds = scenarios.filter((each) => each.alert === alert).map(({ fires }) => (fires ? 'fires' : 'quiet'));
  expect(new Set(kinds)).toEqual(new Set(['fires', 'quiet']));
});

test('every expression is about one release', () => {
  for (const { rules: all } of groups) {
    for (const { expr } of all) {
      for (const [selector] of expr.matchAll(/\{[^}]*\}/g)) {
        expect(selector).toMatch(/^\{namespace="pictures",.*demo-tintype/);
      }
    }
  }
});

test('every recording is read by an alert, or tells of an objective', () => {
  const expressions = [...rules.values()].map(({ expr }) => expr).join('\n');
  const read = ruleDeclarations.flatMap((group) => group.recordings).filter(({ record }) => !record.startsWith('slo:'));
  for (const { record } of read) expect(expressions).toContain(`${record}{`);
});

test('every alert names its runbook and a dashboard that there is', () => {
  const uids = Object.values(dashboardFiles()).map((json) => (JSON.parse(json) as { uid: string }).uid);
  for (const [alert, { annotations }] of rules) {
    expect(annotations.runbook_url).toMatch(new RegExp(`/docs/runbooks/${alert}\\.md$`));
    expect(uids.map((uid) => `/d/${uid}?var-namespace={{ $labels.namespace }}`)).toContain(annotations.dashboard);
  }
});

test('runbooks may lie elsewhere', () => {
  const elsewhere = ruleGroups(release, { runbooks: 'https://wiki.example.org/runbooks' }).flatMap((group) => group.rules);
  const urls = elsewhere.flatMap((rule) => ('alert' in rule ? [rule.annotations.runbook_url] : []));
  expect(urls).toContain('https://wiki.example.org/runbooks/TintypeApiDown.md');
});

test('an objective may be another', () => {
  const other = ruleGroups(release, { objectives: { 'job-success': 0.95 } });
  const objectives = other
    .flatMap((group) => group.rules)
    .flatMap((rule) => ('record' in rule && rule.record === 'slo:objective:ratio' ? [[rule.labels?.['slo'], rule.expr]] : []));
  expect(objectives).toEqual([
    ['api-availability', 'vector(0.999)'],
    ['api-latency', 'vector(0.99)'],
    ['job-success', 'vector(0.95)'],
    ['job-freshness', 'vector(0.95)'],
  ]);
});

describe('inhibitions', () => {
  test('are rules of Alertmanager', () => {
    expect(inhibitions()).toContainEqual({
      source_matchers: ['alertname = TintypeApiAvailabilityBudgetBurnFast'],
      target_matchers: ['alertname =~ "TintypeApiAvailabilityBudgetBurnSlow"'],
      equal: ['namespace', 'slo'],
    });
  });

  test('are of alerts that there are, and of labels that both have', () => {
    for (const { alert, inhibitedBy = [] } of declarations) {
      for (const { alert: source, equal = [] } of inhibitedBy) {
        expect([...rules.keys()]).toContain(source);
        for (const label of equal) {
          for (const each of [alert, source]) {
            const fired = scenarios.find((scenario) => scenario.alert === each && scenario.fires)?.fires;
            expect({ each, labels: Object.keys(fired?.labels ?? {}) }).toMatchObject({ labels: expect.arrayContaining([label]) });
          }
        }
      }
    }
  });

  test('never silence each other', () => {
    const silencers = new Map(declarations.map(({ alert, inhibitedBy = [] }) => [alert, inhibitedBy.map((each) => each.alert)]));
    const reach = (alert: string, seen: ReadonlySet<string> = new Set()): Set<string> =>
      (silencers.get(alert as (typeof declarations)[number]['alert']) ?? []).reduce(
        (all, each) => (all.has(each) ? all : reach(each, new Set([...all, each]))),
        new Set(seen),
      );
    for (const { alert } of declarations) expect(reach(alert)).not.toContain(alert);
  });
});

test('recordings say which of them may be missing', () => {
  expect(recordingsThatMayBeEmpty()).toMatchObject({ 'service:worker_jobs_failed:ratio_rate15m': 'No output ended lately.' });
  expect(recordingsThatMayBeEmpty()).not.toHaveProperty('service:jobs_queued:max');
});

function expectedOf({ alert, labels, annotations }: AlertingRule, { labels: about, seen }: NonNullable<Scenario['fires']>) {
  const declaration = declarations.find((each) => each.alert === alert)!;
  return {
    exp_labels: { ...about, ...labels },
    exp_annotations: {
      ...annotations,
      description: `${seen} ${declaration.response}`,
      dashboard: `/d/${declaration.dashboard}?var-namespace=pictures`,
    },
  };
}

/** With what it reads, and nothing else: promtool is the quicker the less it evaluates. */
function rulesOf(alert: AlertingRule): readonly RuleGroup[] {
  const needed = (expr: string): boolean => closure.some((each) => each.includes(`${expr}{`));
  const closure = [alert.expr];
  const all = groups.flatMap((group) => group.rules);
  // A recording comes before those that read it.
  for (const rule of all.toReversed()) if ('record' in rule && needed(rule.record)) closure.push(rule.expr);
  const own = groups.find(({ rules: each }) => each.includes(alert));
  const keep = (group: RuleGroup) => group === own || group.rules.every((rule) => !('labels' in rule) || 'alert' in rule);
  return groups
    .filter(keep)
    .map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => rule === alert || ('record' in rule && needed(rule.record))),
    }))
    .filter(({ rules: left }) => left.length > 0);
}
