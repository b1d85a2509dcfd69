/** What is recorded of the objectives; their alerts are in alerts.spec.ts. */
import { ruleGroups } from './index.js';
import { budgetRemaining, burnRate, errorRatio, slos } from './slo.js';
import { inDashboard, inRelease } from './places.js';
import { testExpressions } from './spec/promtool.js';
import { release } from './spec/scenario.js';
import { sloSeries } from './spec/scenarios/slo.js';

const groups = ruleGroups(release);

describe.each(slos)('$id', (slo) => {
  const group = groups.filter(({ name }) => name === `tintype.slo.${slo.id}`);
  const print = (vector: { print: (place: ReturnType<typeof inRelease>) => string }) => vector.print(inRelease(release));
  const labels = `{namespace="pictures", service="demo-tintype-${slo.owner}", slo="${slo.id}"}`;
  const series = sloSeries[slo.id];
  const budget = 1 - slo.objective;

  test('weighs a busy hour more than a quiet one', () => {
    // A mean of the ratios of every five minutes would make a quarter of it.
    const input = series([
      [10_000, 0, 60],
      [5, 5, 60],
    ]);
    const used = 300 / (10_000 * 60 + 600) / budget;
    const expr = `abs(${print(budgetRemaining(slo))} - ${1 - used}) < bool ${0.1 * used}`;
    expect(testExpressions(group, [{ series: input, at: '124m', expr, expected: [{ labels, value: 1 }] }])).toBe('');
  });

  test('has its whole budget when nothing went wrong, and no figure when nothing was asked for', () => {
    const calm = series([[100, 0, 60]]);
    const silence = series([[0, 0, 60]]);
    const ratio = print(errorRatio(slo, '5m'));
    expect(
      testExpressions(group, [
        { series: calm, at: '30m', expr: `${print(budgetRemaining(slo))} == bool 1`, expected: [{ labels, value: 1 }] },
        { series: calm, at: '30m', expr: `${ratio} == bool 0`, expected: [{ labels, value: 1 }] },
        { series: silence, at: '30m', expr: ratio, expected: [] },
        { series: silence, at: '30m', expr: print(errorRatio(slo, '30d')), expected: [] },
      ]),
    ).toBe('');
  });

  test('has a budget without the dust of binary fractions', () => {
    const expr = `slo:error_budget:ratio{slo="${slo.id}"}`;
    const exact = Number(budget.toFixed(9));
    expect(
      testExpressions(group, [
        { series: {}, at: '1m', expr, expected: [{ labels: `slo:error_budget:ratio${labels}`, value: exact }] },
      ]),
    ).toBe('');
  });

  test('is read in a dashboard by what the rules record, which are of no pod and no job', () => {
    const matchers = `namespace="$namespace",slo="${slo.id}"`;
    expect(burnRate(slo, '1h').print(inDashboard)).toBe(
      `slo:sli_error:ratio_rate1h{${matchers}}\n/ slo:error_budget:ratio{${matchers}}`,
    );
  });
});
