export { freePort } from '@tintype/embedded';
export { testDatabase, type TestDatabase, type TestDatabaseOptions } from './database.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { type DeclaredMetric, type ExportedSample, exportedSamples, exportFaults } from './exported-metrics.js';
export * as samples from './samples.js';
export { startService, type RunningService, type ServiceOptions } from './service.js';
export { testDirectory } from './directory.js';
export { testRedis, type TestRedis } from './redis.js';
