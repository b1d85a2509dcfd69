import { availableParallelism } from 'node:os';

/**
 * Jest runs the JavaScript that `tsc -b` wrote, in plain Node (jest-light-runner): native ESM, native require(esm), the same files
 * that ship. Module mocks (jest.mock) do not exist here: use Nest's overrideProvider() instead.
 * @type {import('jest').Config}
 */
export default {
  runner: 'jest-light-runner',
  // Never 1, which would run the specs in the main thread: they mostly wait, and should meet the same conditions everywhere.
  maxWorkers: Math.min(Math.max(availableParallelism(), 2), 4),
  // These have runs of their own: make faults, make test/pictures.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/packages/faults/', '<rootDir>/packages/pictures/'],
  testMatch: ['<rootDir>/{packages/*,services/*,cdk8s}/dist/**/*.spec.js'],
  transform: {},
  snapshotResolver: '<rootDir>/packages/testing/dist/jest/snapshot-resolver.js',
  globalSetup: '<rootDir>/packages/testing/dist/jest/global-setup.js',
  setupFilesAfterEnv: ['<rootDir>/packages/testing/dist/jest/time-limit.js'],
  globalTeardown: '<rootDir>/packages/testing/dist/jest/global-teardown.js',
};
