import { faults, ruleGroups } from '@tintype/monitoring';
import { dashboardQueries, isOnlyOnClusters } from './coverage.js';
import { all, quick } from './faults/all.js';
import { release } from './watched-site.js';

const queries = dashboardQueries(1);
const shipped = ruleGroups(release).flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])));

test('there are queries to look at', () => {
  expect(queries.length).toBeGreaterThan(50);
});

// There nobody injects faults; else the checks on the cluster want data from every query of what only a cluster has.
test('every query is seen to have data, here or on a cluster', () => {
  const nowhere = queries.filter(({ expr, mayBeEmpty }) => isOnlyOnClusters(expr) && mayBeEmpty?.filledBy);
  expect(nowhere.map(({ dashboard, panel, refId }) => `${dashboard}: ${panel} ${refId}`)).toEqual([]);
});

test('every fault that a panel waits for is injected', () => {
  const injected = new Set<string>(all.flat().flatMap((scenario) => scenario.faults));
  expect(faults.filter((fault) => !injected.has(fault))).toEqual([]);
});

test('every alert that a fault must bring is one that ships', () => {
  const unknown = all.flat().flatMap(({ alerts }) => alerts.filter(({ alert }) => !shipped.includes(alert)));
  expect(unknown).toEqual([]);
});

// Nobody here is killed for the memory that it holds.
test('every alert is brought about, but for one that takes a cluster', () => {
  const expected = new Set<string>(all.flat().flatMap(({ alerts }) => alerts.map(({ alert }) => alert)));
  expect(shipped.filter((alert) => !expected.has(alert))).toEqual(['TintypePodOutOfMemory']);
});

test('the quick faults are among all, with their alerts', () => {
  for (const { title, alerts } of quick.flat()) {
    expect(all.flat()).toContainEqual(expect.objectContaining({ title, alerts: expect.arrayContaining([...alerts]) as unknown }));
  }
});
