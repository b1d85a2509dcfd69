/** Mistakes that would leave a panel empty or an alert silent are made, each in a copy of the sources, and each is caught. */
import { metrics } from '@tintype/metrics';
import { Copies, type Copy, type Diagnostic } from './spec/copies.js';

const overview = 'packages/monitoring/src/dashboards/overview.ts';
const catalogue = 'packages/metrics/src/catalogue.ts';
const files = ['docs/runbooks'];
const monitoring = ['packages/metrics', 'packages/monitoring'];
/** Whatever exports metrics. */
const exporters = ['packages/platform', 'services/api', 'services/worker'];

interface RefusedMistake {
  readonly make: (copy: Copy) => void;
  /** Where the compiler complains, and of what. */
  readonly file: RegExp;
  readonly message: RegExp;
}

const refused: Readonly<Record<string, RefusedMistake>> = {
  'a label is dropped that a rule selects by': {
    make: (copy) => copy.change(catalogue, "{ action: actionIds, status: ['completed', 'failed'] }", '{ action: actionIds }'),
    file: /monitoring\/src\/alerts/,
    message: /no properties in common/,
  },
  'a label is renamed that a panel groups by': {
    make: (copy) => copy.change(catalogue, '{ action: actionIds, status:', '{ verb: actionIds, status:'),
    file: /monitoring\/src\/dashboards\//,
    message: /"action"/,
  },
  'a value is dropped that a rule waits for': {
    make: (copy) => copy.change(catalogue, "'incomplete', 'out_of_space', 'too_many'", "'incomplete', 'too_many'"),
    file: /monitoring\/src\/alerts/,
    message: /"out_of_space"/,
  },
  'a counter becomes a gauge': {
    make: (copy) => copy.change(catalogue, 'jobsRefused: counter(', 'jobsRefused: gauge('),
    file: /monitoring\/src\/alerts\//,
    message: /"gauge"' is not assignable to type '"counter"'/,
  },
  'a fact that every replica tells is taken for one that each has its own of': {
    make: (copy) => copy.change(catalogue, /(oldestQueuedAge: gauge\([^]*?\{ )scope: 'shared', /, '$1'),
    file: /monitoring\/src\/alerts/,
    message: /"instance"' is not assignable to type '"shared"'/,
  },
  'what each replica has of its own is taken for a fact that all tell': {
    make: (copy) => copy.change(catalogue, /(concurrency: gauge\([^]*?)\{\}\)/, "$1{}, { scope: 'shared' })"),
    file: /monitoring\/src\/alerts/,
    message: /"shared"' is not assignable to type '"instance"'/,
  },
  'a legend names a label that its query does not have': {
    make: (copy) =>
      copy.change('packages/monitoring/src/dashboards/overview.ts', '{{action}} {{status}}', '{{action}} {{state}}'),
    file: /monitoring\/src\/dashboards\/overview/,
    message: /never/,
  },
  'an alert speaks of a label that it does not have': {
    make: (copy) => copy.change('packages/monitoring/src/alerts/worker.ts', '{{ $labels.reason }}', '{{ $labels.cause }}'),
    file: /monitoring\/src\/alerts\/worker/,
    message: /never/,
  },
};

interface NoticedMistake {
  readonly make: (copy: Copy) => void;
  readonly specs: readonly string[];
  /** A part of the name of the test that fails, or of why the spec cannot even begin. */
  readonly fails: string;
}

const linted = { specs: ['packages/monitoring/src/dashboards.spec.ts'], fails: 'keeps to the rules of the linter' } as const;
const readings = {
  specs: ['packages/monitoring/src/dashboards.spec.ts'],
  fails: 'read nothing but what is exported, and with the rules they read all of it',
} as const;

const runbooks = {
  specs: ['packages/monitoring/src/runbooks.spec.ts'],
  fails: 'there is a page for every alert, and for nothing else',
} as const;

/** What compiles all the same. */
const noticed: Readonly<Record<string, NoticedMistake>> = {
  'a metric is not named after its unit': {
    make: (copy) => copy.change(catalogue, "'worker_job_duration_seconds'", "'worker_job_duration_ms'"),
    specs: ['packages/metrics/src/catalogue.spec.ts'],
    fails: 'ends worker_job_duration_ms with its unit, seconds',
  },
  'a counter is not named as one': {
    make: (copy) => copy.change(catalogue, "'jobs_created_total'", "'jobs_created'"),
    specs: ['packages/metrics/src/catalogue.spec.ts'],
    fails: 'names jobs_created by the conventions of Prometheus',
  },
  'a bucket is taken away that an objective is measured by': {
    make: (copy) => copy.change(catalogue, 'buckets: [1, 10, 60, 600]', 'buckets: [1, 10, 90, 600]'),
    specs: ['packages/monitoring/src/alerts.spec.ts'],
    fails: 'worker_job_end_to_end_seconds has no bucket 60',
  },
  'a metric is exported that nothing reads': {
    make: (copy) =>
      copy.change(
        catalogue,
        '  jobsCreated: counter(',
        "  unread: counter('unread_total', 'Read by nothing.', 'api', {}),\n  jobsCreated: counter(",
      ),
    ...readings,
  },
  'a panel asks for a metric that nobody exports': {
    make: (copy) =>
      copy.change(overview, 'quantile(q, metrics.jobDuration', "quantile(q, { ...metrics.jobDuration, name: 'job_seconds' }"),
    ...linted,
  },
  'a panel asks for a recording that no rule makes': {
    make: (copy) =>
      copy.change('packages/monitoring/src/slo.ts', "'slo:period_error_budget_remaining:ratio'", "'slo:budget_left:ratio'"),
    ...readings,
  },
  'a panel has a unit that Grafana does not know': {
    make: (copy) => copy.change(overview, 'unit: Seconds', "unit: 'secs'"),
    ...linted,
  },
  'panels lack a description': {
    make: (copy) =>
      copy.change(
        'packages/monitoring/src/grafana-panels.ts',
        '.description(descriptionOf(panel))',
        ".description(descriptionOf(panel) && '')",
      ),
    ...linted,
  },
  'a dashboard names a data source': {
    make: (copy) => copy.change('packages/monitoring/src/grafana-panels.ts', "uid: '${datasource}'", "uid: 'prometheus'"),
    ...linted,
  },
  'an alert has no series to be tested with': {
    make: (copy) =>
      copy.change('packages/monitoring/src/alerts/worker.ts', "alert: 'TintypeJobsFailing'", "alert: 'TintypeOutputsFailing'"),
    specs: ['packages/monitoring/src/alerts.spec.ts'],
    fails: 'TintypeOutputsFailing has a test of either kind',
  },
  'an alert is held back by one that there is not': {
    make: (copy) =>
      copy.change(
        'packages/monitoring/src/alerts/worker.ts',
        "inhibitedBy: [{ alert: 'TintypeStorageFull' }]",
        "inhibitedBy: [{ alert: 'TintypeDiskFull' }]",
      ),
    specs: ['packages/monitoring/src/alerts.spec.ts'],
    fails: 'are of alerts that there are, and of labels that both have',
  },
  'a runbook is deleted': {
    make: (copy) => copy.delete('docs/runbooks/TintypeApiDown.md'),
    ...runbooks,
  },
  'the runbook of an alert is left over that there is no more': {
    make: (copy) => copy.write('docs/runbooks/TintypeGone.md', '# TintypeGone\n'),
    ...runbooks,
  },
  'a runbook asks for a metric by the name that it had': {
    make: (copy) => copy.change(catalogue, "'worker_jobs_processed_total'", "'worker_outputs_total'"),
    specs: runbooks.specs,
    fails: 'TintypeJobsFailing asks for what there is',
  },
};

const copies = new Copies();
let diagnostics: ReadonlyMap<string, readonly Diagnostic[]>;
let failures: ReadonlyMap<string, readonly string[]>;

beforeAll(() => {
  copies.add('as it is', { rooms: [...monitoring, ...exporters] });
  copies.add('as it is, with its specs', { rooms: monitoring, specs: true, files });
  const renamed = copies.add('every metric renamed', { rooms: [...monitoring, ...exporters] });
  for (const name of Object.keys(metrics)) renamed.change(catalogue, new RegExp(`^  ${name}:`, 'm'), `  ${name}Renamed:`);
  for (const [name, { make }] of Object.entries(refused)) make(copies.add(name, { rooms: monitoring }));

  for (const [name, { make }] of Object.entries(noticed)) make(copies.add(name, { rooms: monitoring, specs: true, files }));

  diagnostics = copies.compile();
  failures = copies.failures({
    ...noticed,
    'as it is, with its specs': { specs: [...new Set(Object.values(noticed).flatMap(({ specs }) => specs))] },
  });
}, 300_000);

afterAll(() => copies.remove());

test('a copy without a mistake compiles, and passes the checks', () => {
  expect(diagnostics.get('as it is') ?? []).toEqual([]);
  expect(failures.get('as it is, with its specs')).toEqual([]);
});

test.each(Object.keys(metrics))('renaming %s breaks what exports it, and what reads it', (name) => {
  const broken = (diagnostics.get('every metric renamed') ?? []).filter(({ message }) => message.includes(`'${name}'`));
  const rooms = new Set(broken.map(({ file }) => file.replace(/\/src\/.*/, '')));
  expect([...rooms]).toContain('packages/monitoring');
  expect(exporters.filter((room) => rooms.has(room))).not.toEqual([]);
});

test.each(Object.entries(refused))('the compiler refuses it when %s', (name, { file, message }) => {
  expect(diagnostics.get(name)).toContainEqual({
    file: expect.stringMatching(file) as unknown,
    message: expect.stringMatching(message) as unknown,
  });
});

test.each(Object.entries(noticed))('a check notices it when %s', (name, { fails }) => {
  expect(failures.get(name)).toContainEqual(expect.stringContaining(fails));
  expect(diagnostics.get(name) ?? []).toEqual([]);
});
