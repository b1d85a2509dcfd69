export { freePort, portIsFree } from './ports.js';
export { startPostgres, stopPostgres, type Postgres, type PostgresOptions } from './postgres/postgres.js';
export { spawnService, type ServiceExit, type ServiceProcess, type ServiceProgram } from './service-process.js';
