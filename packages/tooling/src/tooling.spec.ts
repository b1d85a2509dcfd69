/** The tools, run as programs on a checkout made for the purpose. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './root.js';

let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'tintype-spec-'));
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
});

afterEach(() => rmSync(checkout, { recursive: true, force: true }));

describe('import directions', () => {
  const planted = [
    { file: 'packages/storage/src/a.ts', source: `import type { Job } from '@tintype/jobs';\nexport type Stored = Job;` },
    { file: 'packages/metrics/src/a.ts', source: `export * from '@tintype/platform';` },
    { file: 'packages/metrics/src/a.ts', source: `import 'prom-client';` },
    { file: 'packages/jobs/src/a.ts', source: `export const testing = await import('@tintype/testing');` },
    { file: 'services/api/src/a.ts', source: `import '@tintype/worker';` },
    { file: 'services/api/src/a.ts', source: `import '@tintype/operations/run';` },
    { file: 'services/worker/src/a.ts', source: `import '../../../packages/jobs/dist/index.js';` },
  ];

  test.each(planted)('refuse $source in $file', ({ file, source }) => {
    write(file, source);

    expect(lintRooms()).toMatchObject({ status: 1, stdout: expect.stringContaining(`${file}:`) as string });
  });

  test('let a room import what it may, and specs the testing package', () => {
    write('packages/jobs/src/a.ts', `import '@tintype/operations';`);
    write('packages/jobs/src/a.spec.ts', `import '@tintype/testing';\nimport '@tintype/operations';`);
    write('services/worker/src/a.ts', `import '@tintype/operations/run';`);

    expect(lintRooms()).toMatchObject({ status: 0 });
  });

  test('are declared for every room', () => {
    const declared = readFileSync(join(root, '.oxlint-rooms.mjs'), 'utf8');
    const rooms = ['packages', 'services'].flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`));

    for (const room of [...rooms, 'cdk8s', 'e2e']) expect(declared).toMatch(new RegExp(`^  '?${room}'?: \\{`, 'm'));
  });

  function lintRooms() {
    cpSync(join(root, '.oxlint-rooms.mjs'), join(checkout, '.oxlint-rooms.mjs'));
    return run('node_modules/.bin/oxlint', '--config', '.oxlint-rooms.mjs', '--format', 'unix', 'packages', 'services');
  }
});

describe('prune-dist', () => {
  test('removes output without a source, and directories that are empty then', () => {
    write('packages/a/src/kept.ts', '');
    for (const file of [
      'kept.js',
      'kept.d.ts',
      'kept.js.map',
      '.tsbuildinfo',
      'gone.js',
      'folder/gone.spec.js',
      'folder/gone.spec.d.ts',
    ]) {
      write(`packages/a/dist/${file}`, '');
    }
    mkdirSync(join(checkout, 'services'));

    expect(run(process.execPath, useTool('prune-dist.js'))).toMatchObject({ status: 0 });

    expect(readdirSync(join(checkout, 'packages/a/dist')).toSorted()).toEqual([
      '.tsbuildinfo',
      'kept.d.ts',
      'kept.js',
      'kept.js.map',
    ]);
  });
});

describe('generate', () => {
  test('writes a file that is missing or changed, and verify fails until it has', () => {
    const tool = useTool('generate.js');
    const page = join(checkout, 'docs/reference/metrics.md');
    const outOfDate = { status: 1, stderr: expect.stringContaining('  docs/reference/metrics.md') as string };
    expect(run(process.execPath, tool, '--verify', 'metrics')).toMatchObject(outOfDate);

    expect(run(process.execPath, tool, 'metrics')).toMatchObject({ status: 0, stdout: 'wrote docs/reference/metrics.md\n' });

    expect(run(process.execPath, tool, '--verify', 'metrics')).toMatchObject({ status: 0 });
    expect(readFileSync(page, 'utf8')).toContain('| `worker_jobs_processed_total` |');
    appendFileSync(page, 'by hand');
    expect(run(process.execPath, tool, '--verify', 'metrics')).toMatchObject(outOfDate);
  });

  test('names what there is when asked for something else', () => {
    expect(run(process.execPath, useTool('generate.js'), 'poem')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^Not generated: poem\. There are: chart, alerts, errors, /) as string,
    });
  });
});

describe('the summary of CI', () => {
  const report = { numPassedTests: 7, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
  const passed = { exit: 0, report };

  test.each([
    { about: 'everything passed', suites: { test: passed }, failedSteps: 0, line: '7 passed, 0 failed', status: 0 },
    {
      about: 'several suites passed',
      suites: { test: passed, 'test-s3': passed, e2e: passed },
      failedSteps: 0,
      line: '21 passed, 0 failed',
      status: 0,
    },
    {
      about: 'tests failed',
      suites: { test: { exit: 2, report: { ...report, numFailedTests: 2 } }, e2e: passed },
      failedSteps: 0,
      line: '14 passed, 2 failed',
      status: 1,
    },
    {
      about: 'a file of tests did not load',
      suites: { test: { exit: 2, report: { ...report, numRuntimeErrorTestSuites: 1 } } },
      failedSteps: 0,
      line: '7 passed, 1 failed',
      status: 1,
    },
    {
      about: 'a run failed besides its tests',
      suites: { test: { exit: 2, report } },
      failedSteps: 0,
      line: '7 passed, 1 failed',
      status: 1,
    },
    { about: 'other steps failed', suites: { test: passed }, failedSteps: 2, line: '7 passed, 2 failed', status: 1 },
    {
      about: 'a suite did not run',
      suites: { test: passed, e2e: { exit: 2, report: undefined } },
      failedSteps: 0,
      line: '7 passed, 1 failed',
      status: 1,
    },
    {
      about: 'a suite has no tests',
      suites: { test: passed, e2e: { exit: 0, report: { ...report, numPassedTests: 0 } } },
      failedSteps: 0,
      line: '7 passed, 1 failed',
      status: 1,
    },
    { about: 'there is no suite', suites: {}, failedSteps: 0, line: '0 passed, 1 failed', status: 1 },
  ])('says so when $about', ({ suites, failedSteps, line, status }) => {
    mkdirSync(join(checkout, 'reports'));
    for (const [name, suite] of Object.entries(suites)) {
      write(`reports/${name}.exit`, `${suite.exit}\n`);
      if (suite.report) write(`reports/${name}.json`, JSON.stringify(suite.report));
    }

    const summary = run(process.execPath, join(root, '.ci/summary.cjs'), join(checkout, 'reports'), String(failedSteps));

    expect(summary).toMatchObject({ status, stdout: `${line}\n` });
  });
});

/** A copy of a tool that takes the checkout for its own. */
function useTool(name: string): string {
  const dist = join(checkout, 'packages/tooling/dist');
  if (!existsSync(dist)) cpSync(join(root, 'packages/tooling/dist'), dist, { recursive: true });
  if (!existsSync(join(checkout, 'packages/tooling/src')))
    cpSync(join(root, 'packages/tooling/src'), join(checkout, 'packages/tooling/src'), { recursive: true });
  write('packages/tooling/package.json', readFileSync(join(root, 'packages/tooling/package.json'), 'utf8'));
  return join(dist, name);
}

function write(file: string, content: string): void {
  mkdirSync(dirname(join(checkout, file)), { recursive: true });
  writeFileSync(join(checkout, file), content);
}

function run(program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: checkout, encoding: 'utf8', timeout: 60_000 });
  return { status, stdout, stderr };
}
