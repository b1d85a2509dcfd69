/** `make clean-data`: stops an embedded PostgreSQL that still runs and removes all data. */
import { rm } from 'node:fs/promises';
import { removePostgres } from './postgres/postgres.js';
import { postgresDirectory } from './run/database.js';
import { readRunSettings } from './run/settings.js';

const { dataDirectory } = readRunSettings(process.env);
await removePostgres(postgresDirectory(dataDirectory));
await rm(dataDirectory, { recursive: true, force: true });
