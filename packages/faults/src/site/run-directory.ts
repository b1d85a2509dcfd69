/** Where the sites of one run of the suite are, with the data that each begins with. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareCheckouts } from '../changes/checkout.js';
import { prepareData, stopAbandoned } from './postgres-server.js';

const prefix = 'tintype-faults-';
/** How the sites, which open in other threads, learn of the directory. */
const variable = 'TINTYPE_FAULTS_DIRECTORY';

/** Makes the directory, and removes those of runs that were killed. */
export async function openRun(): Promise<void> {
  await removeAbandoned();
  const directory = await mkdtemp(join(tmpdir(), prefix));
  await chmod(directory, 0o711); // PostgreSQL's own account passes through it.
  await writeFile(ownerFile(directory), String(process.pid));
  process.env[variable] = directory;
  await prepareCheckouts(checkoutsOf(directory));
  await prepareData(templateOf(directory));
}

export async function closeRun(): Promise<void> {
  const directory = runDirectory();
  for (const path of [templateOf(directory), checkoutsOf(directory)]) await rm(path, { recursive: true, force: true });
  await rm(ownerFile(directory), { force: true });
  // Sites that were found broken are kept, to be looked at.
  if (readdirSync(directory).length === 0) await rm(directory, { recursive: true });
}

export function runDirectory(): string {
  const directory = process.env[variable];
  if (!directory) throw new Error(`${variable} is not set: run this through \`make faults\``);
  return directory;
}

export function templateOf(directory: string): string {
  return join(directory, 'template');
}

/** Where the programs of the sites are. */
export function checkoutsOf(directory: string): string {
  return join(directory, 'checkouts');
}

async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const directory = join(tmpdir(), name);
    if (!existsSync(ownerFile(directory)) || isRunning(Number(readFileSync(ownerFile(directory), 'utf8')))) continue;
    for (const site of readdirSync(directory)) await stopAbandoned(join(directory, site, 'postgresql'));
    await stopAbandoned(templateOf(directory));
    await rm(directory, { recursive: true, force: true });
  }
}

function ownerFile(directory: string): string {
  return join(directory, 'owner.pid');
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
