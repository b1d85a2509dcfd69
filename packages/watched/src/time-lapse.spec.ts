import { ruleGroups } from '@tintype/monitoring';
import { selectorsOf, seriesOf, withDurations } from './promql.js';
import { lapsed, lapsedDuration, secondsOf } from './time-lapse.js';
import { release } from './watched-site.js';

test.each([
  ['5m', 300],
  ['1h30m', 5_400],
  ['500ms', 0.5],
  ['30d', 2_592_000],
])('%s has %d seconds', (duration, seconds) => {
  expect(secondsOf(duration)).toBe(seconds);
});

test('a window goes as fast as the rules, but has a few scrapes in it', () => {
  expect(lapsedDuration('10m', 60, 4)).toBe('10000ms');
  expect(lapsedDuration('1m', 60, 4)).toBe('4000ms');
});

test('windows, steps and offsets are durations; label values and names are none', () => {
  const expression = 'sum(rate(a_total{b="[5m]"}[5m] offset 1h)) > 5 and max_over_time(c:rate5m[1d:1m]) > 0';
  expect(withDurations(expression, () => '1s')).toBe(
    'sum(rate(a_total{b="[5m]"}[1s] offset 1s)) > 5 and max_over_time(c:rate5m[1s:1s]) > 0',
  );
});

test('series are known by their names and selectors', () => {
  const expression = 'rate(a_total{b="c"}[5m]) / on (b) sum by (b) (d:e:f) or vector(0)';
  expect(selectorsOf(expression)).toEqual(['a_total{b="c"}', 'd:e:f']);
  expect(seriesOf(expression)).toEqual(['a_total', 'd:e:f']);
});

test('limits by the clock and the time between evaluations are durations, too', () => {
  const rules = [
    { alert: 'A', expr: 'time() - (a) > 3600', for: '15m' },
    { record: 'b:c:d', expr: 'sum_over_time(b[1h]) * 30 > 5' },
    { record: 'e:f:g', expr: 'age > 300' },
  ];
  expect(lapsed([{ name: 'n', interval: '30s', rules } as never], 60)).toEqual([
    {
      name: 'n',
      interval: '500ms',
      rules: [
        { alert: 'A', expr: 'time() - (a) > 60', for: '15000ms' },
        { record: 'b:c:d', expr: 'sum_over_time(b[60000ms]) * 0.5 > 5' },
        { record: 'e:f:g', expr: 'age > 300' },
      ],
    },
  ]);
});

test('what ships is lapsed and otherwise the same', () => {
  const groups = ruleGroups(release);
  const text = JSON.stringify(lapsed(groups, 60));
  for (const { name, rules } of groups) {
    expect(text).toContain(`"${name}"`);
    for (const rule of rules) expect(text).toContain(`"${'alert' in rule ? rule.alert : rule.record}"`);
  }
  expect(lapsed(groups, 1)).toEqual(expect.arrayContaining([expect.objectContaining({ name: groups[0]?.name })]));
});
