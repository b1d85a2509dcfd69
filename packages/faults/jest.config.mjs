/**
 * The faults: `make faults`. Each has a site of its own, and most of its time is spent waiting, so that some can run beside each other.
 * @type {import('jest').Config}
 */
export default {
  rootDir: '../..',
  runner: 'jest-light-runner',
  maxWorkers: 3,
  verbose: true,
  roots: ['<rootDir>/packages/faults'],
  testMatch: ['**/dist/**/*.spec.js'],
  transform: {},
  globalSetup: '<rootDir>/packages/faults/dist/jest/global-setup.js',
  setupFilesAfterEnv: ['<rootDir>/packages/testing/dist/jest/time-limit.js'],
  globalTeardown: '<rootDir>/packages/faults/dist/jest/global-teardown.js',
};
