/**
 * The specs that need an S3 server, which no package registry has: `make test/s3`.
 * @type {import('jest').Config}
 */
export default {
  rootDir: '../..',
  runner: 'jest-light-runner',
  roots: ['<rootDir>/packages/storage'],
  testMatch: ['**/dist/s3.contract-spec.js'],
  transform: {},
  setupFilesAfterEnv: ['<rootDir>/packages/testing/dist/jest/time-limit.js'],
};
