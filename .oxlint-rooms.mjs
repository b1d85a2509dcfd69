/**
 * Who may know whom: a linter run of its own, over every kind of import (types, re-exports and `import()` too).
 * Specs, and what only specs use (src/spec, src/testing), may use `@tintype/testing` besides.
 */
const anything = ['@tintype/*'];

/** Each room, the rooms that it may import, and the libraries that must stay out of it. */
const rooms = {
  'packages/operations': { imports: [] },
  'packages/metrics': { imports: ['@tintype/operations'], never: ['prom-client', '@willsoto/nestjs-prometheus'] },
  'packages/monitoring': { imports: ['@tintype/metrics'], never: ['prom-client', '@willsoto/nestjs-prometheus'] },
  'packages/storage': { imports: [] },
  'packages/outbound': { imports: [] },
  'packages/jobs': { imports: ['@tintype/operations'], never: ['sharp'] },
  'packages/tracing': { imports: [] },
  'packages/platform': { imports: ['@tintype/metrics', '@tintype/tracing'], never: ['sharp', 'typeorm', 'bullmq'] },
  'packages/embedded': { imports: [] },
  'packages/kind': { imports: [] },
  'packages/testing': { imports: ['@tintype/embedded'] },
  'packages/tooling': { imports: anything },
  'packages/bench': { imports: anything },
  'packages/faults': { imports: anything },
  'packages/watched': { imports: anything },
  'packages/pictures': { imports: ['@tintype/monitoring', '@tintype/watched'] },
  cdk8s: { imports: ['@tintype/api', '@tintype/metrics', '@tintype/monitoring', '@tintype/platform', '@tintype/worker'] },
  e2e: { imports: ['@tintype/embedded', '@tintype/monitoring', '@tintype/testing'] },
  'services/api': {
    imports: [
      '@tintype/jobs',
      '@tintype/metrics',
      '@tintype/operations',
      '@tintype/outbound',
      '@tintype/platform',
      '@tintype/storage',
      '@tintype/tracing',
    ],
    never: ['sharp', '@tintype/operations/run'],
  },
  'services/worker': {
    imports: [
      '@tintype/jobs',
      '@tintype/metrics',
      '@tintype/operations',
      '@tintype/outbound',
      '@tintype/platform',
      '@tintype/storage',
      '@tintype/tracing',
    ],
  },
};

function restriction(room, { imports, never = [] }, alsoAllowed = []) {
  const allowed = [...imports, ...alsoAllowed];
  return [
    'error',
    {
      patterns: [
        {
          group: ['@tintype/*', ...allowed.flatMap((name) => [`!${name}`, `!${name}/**`]), ...never],
          message: `${room} may import of ours: ${allowed.join(', ') || 'nothing'}${never.length ? `; and never: ${never.join(', ')}` : ''}.`,
        },
        { group: ['**/packages/**', '**/services/**'], message: 'Import another room by its name.' },
      ],
    },
  ];
}

export default {
  plugins: [],
  categories: { correctness: 'off' },
  overrides: Object.entries(rooms).flatMap(([room, rule]) => [
    { files: [`${room}/src/**`], rules: { 'no-restricted-imports': restriction(room, rule) } },
    {
      files: [`${room}/src/**/*.spec.ts`, `${room}/src/{spec,testing}/**`],
      rules: { 'no-restricted-imports': restriction(room, { imports: rule.imports }, ['@tintype/testing']) },
    },
  ]),
};
