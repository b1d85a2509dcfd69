import { type DeclaredMetric, exportedSamples, exportFaults } from './exported-metrics.js';

const base = { scope: 'instance', born: 'at zero' } as const;
const requests: DeclaredMetric = { ...base, kind: 'counter', name: 'requests_total', labels: { method: ['GET', 'PUT'] } };
const seconds: DeclaredMetric = { ...base, kind: 'histogram', name: 'seconds', labels: { route: 'open' }, buckets: [0.5, 1] };
const age: DeclaredMetric = { ...base, kind: 'gauge', name: 'age', labels: {}, scope: 'shared' };
const declared = [requests, seconds, age];

const scrape = `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{method="GET"} 2
requests_total{method="PUT"} 0
# HELP seconds Seconds.
# TYPE seconds histogram
seconds_bucket{le="0.5",route="/a\\"b\\\\c"} 1
seconds_bucket{le="1",route="/a\\"b\\\\c"} 1
seconds_bucket{le="+Inf",route="/a\\"b\\\\c"} 2
seconds_sum{route="/a\\"b\\\\c"} 1.5e+0
seconds_count{route="/a\\"b\\\\c"} 2
# HELP age Age.
# TYPE age gauge
age +Inf
`;

test('reads names, labels and values', () => {
  const samples = exportedSamples(scrape);
  expect(samples).toHaveLength(8);
  expect(samples[0]).toEqual({ name: 'requests_total', labels: { method: 'GET' }, value: 2 });
  expect(samples[5]).toEqual({ name: 'seconds_sum', labels: { route: '/a"b\\c' }, value: 1.5 });
  expect(samples[7]).toEqual({ name: 'age', labels: {}, value: Infinity });
  expect(() => exportedSamples('no metric')).toThrow('this is no sample: no metric');
});

test('finds nothing where all is as declared', () => {
  expect(exportFaults(scrape, declared)).toEqual([]);
});

test.each([
  ['a metric that is not there', scrape.replace(/# HELP age[^]*/, ''), ['age is not exported']],
  ['one without a sample', scrape.replace('age +Inf\n', ''), ['age is not exported']],
  ['one that nobody has declared', `${scrape}# TYPE b gauge\nb 1\n`, ['b is not declared']],
  ['another kind', scrape.replace('age gauge', 'age counter'), ['age is a counter, not a gauge']],
  ['a label too many', scrape.replace('age +', 'age{a="b"} +'), ['age has the labels (a), not ()']],
  [
    'a label too few',
    scrape.replaceAll('{method="GET"}', ''),
    ['requests_total has the labels (), not (method)', 'requests_total{method="GET"} is not there from the start'],
  ],
  [
    'a value that is not declared',
    scrape.replace('"PUT"', '"PATCH"'),
    ['requests_total has method="PATCH"', 'requests_total{method="PUT"} is not there from the start'],
  ],
  [
    'another bucket',
    scrape.replace('le="0.5"', 'le="0.6"'),
    ['seconds{route="/a"b\\c"} has the buckets 0.6,1,+Inf, not 0.5,1,+Inf'],
  ],
])('finds %s', (_, text, faults) => {
  expect(exportFaults(text, declared)).toEqual(faults);
});

test('does not ask for what comes with its first use, or was not read yet', () => {
  const later: DeclaredMetric = { ...requests, born: 'on first use' };
  expect(exportFaults(scrape.replace('requests_total{method="PUT"} 0\n', ''), [later, seconds, age])).toEqual([]);
});
