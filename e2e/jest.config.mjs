/**
 * The checks on the running cluster: `make e2e`. One after the other, as some of them restart what others count.
 * @type {import('jest').Config}
 */
export default {
  rootDir: '..',
  runner: 'jest-light-runner',
  maxWorkers: 1,
  verbose: true,
  roots: ['<rootDir>/e2e'],
  testMatch: ['**/dist/*.spec.js'],
  transform: {},
  setupFilesAfterEnv: ['<rootDir>/packages/testing/dist/jest/time-limit.js'],
  reporters: ['default', '<rootDir>/e2e/dist/jest/diagnostics.js'],
};
