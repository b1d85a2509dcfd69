/**
 * The pictures' own tests: `make test/pictures`. They need Chromium, and packages that nothing else does.
 * @type {import('jest').Config}
 */
export default {
  rootDir: '../..',
  runner: 'jest-light-runner',
  maxWorkers: 2,
  roots: ['<rootDir>/packages/pictures'],
  testMatch: ['**/dist/**/*.spec.js'],
  transform: {},
  setupFilesAfterEnv: ['<rootDir>/packages/testing/dist/jest/time-limit.js'],
};
